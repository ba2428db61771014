//! I12: once nothing disturbs the world any more, every client soon completes a fresh action.

use std::collections::BTreeMap;
use std::time::Duration;

use holdfast_protocol::EntityId;

use crate::finding::Finding;
use crate::history::action::{ActionRecord, End};

/// How long that may take.
pub(crate) const LIVENESS_MAX: Duration = Duration::from_secs(10);

/// Who plays, since when nothing disturbs, and when each first completed what it began after that.
#[derive(Clone, Debug, Default)]
pub(crate) struct Liveness {
    completed: BTreeMap<EntityId, Option<Duration>>,
    quiet_since: Option<Duration>,
}

impl Liveness {
    pub(crate) fn plays(&mut self, character: EntityId) {
        self.completed.entry(character).or_default();
    }

    pub(crate) fn faults_are_over(&mut self, now: Option<Duration>) {
        self.quiet_since = now;
    }

    pub(crate) fn ended(&mut self, action: &ActionRecord) {
        let (Some(quiet), Some(invoked)) = (self.quiet_since, action.invoked.at) else { return };
        let Some((ended, End::Accepted | End::Rejected(_))) = action.ended else { return };
        if invoked >= quiet {
            self.completed.entry(action.character).or_default().get_or_insert(ended.at.unwrap_or(invoked));
        }
    }

    pub(crate) fn waiting_count(&self) -> usize {
        self.completed.values().filter(|completed| completed.is_none()).count()
    }

    pub(crate) fn finding(&self) -> Finding {
        const INVARIANT: &str = "I12 after the faults everybody completes a fresh action";
        let Some(quiet) = self.quiet_since else {
            return Finding::not_looked_at(INVARIANT, "a time at which faults are over");
        };
        let mut finding = Finding::new(INVARIANT);
        for (character, completed) in &self.completed {
            finding.looked_at += 1;
            match completed {
                None => finding.breach(|| format!("character {character} has completed nothing")),
                Some(at) if at.saturating_sub(quiet) > LIVENESS_MAX => {
                    finding.breach(|| format!("character {character} took {:?}", at.saturating_sub(quiet)));
                }
                Some(_) => {}
            }
        }
        finding
    }
}
