//! What a client was told, in order, for a test to look at afterwards.

use std::sync::{Arc, Mutex, PoisonError};

use holdfast_client::{ClientEvent, Observer, WorldCopy};
use holdfast_protocol::{ActionName, Verdict};

/// Everything that a client was told, over all of its connections. Clones show the same.
#[derive(Clone, Debug, Default)]
pub struct EventLog(Arc<Mutex<Vec<ClientEvent>>>);

impl EventLog {
    /// What notes down in here what its client is told.
    pub fn observer(&self) -> impl Observer + use<> {
        let events = Arc::clone(&self.0);
        move |event: &ClientEvent, _: &WorldCopy| {
            events.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone());
        }
    }

    /// All events until now.
    #[must_use]
    pub fn all(&self) -> Vec<ClientEvent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many events until now are as `wanted`.
    pub fn count(&self, wanted: impl FnMut(&&ClientEvent) -> bool) -> usize {
        self.all().iter().filter(wanted).count()
    }

    /// The verdicts until now.
    #[must_use]
    pub fn verdicts(&self) -> Vec<Verdict> {
        let verdict = |event| if let ClientEvent::Verdict(verdict) = event { Some(verdict) } else { None };
        self.all().into_iter().filter_map(verdict).collect()
    }

    /// The one answer to an action.
    ///
    /// # Panics
    /// Where it was answered more than once, or not at all, or given up.
    pub fn only_verdict(&self, action: ActionName) -> Verdict {
        let verdicts: Vec<_> =
            self.verdicts().into_iter().filter(|verdict| verdict.action == action).collect();
        let [verdict] = verdicts[..] else { panic!("{action:?} has the answers {verdicts:?}") };
        verdict
    }
}
