//! Who is back after everybody was cut off, after how long, and with what.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use holdfast_client::{ClientEvent, Observer, WorldCopy};
use holdfast_protocol::{EntityId, ErrorBody, ResyncKind};

/// What all clients note down together.
#[derive(Clone, Debug, Default)]
pub(super) struct Comebacks(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    struck: Option<Instant>,
    /// Who is back: after how long its world was there again, and what it was brought.
    back: BTreeMap<EntityId, (Duration, ResyncKind)>,
    /// What those who were not let in at once were told, by code.
    refusals: BTreeMap<String, u64>,
}

impl Comebacks {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on whoever is welcomed has come back.
    pub(super) fn strike(&self, now: Instant) {
        self.seen().struck = Some(now);
    }

    /// An observer that notes down when its client is back, and hands on what it sees. Back is who has been welcomed and
    /// has the world as it is now: it can play from that moment on.
    pub(super) fn over(
        &self,
        character: EntityId,
        mut next: impl Observer,
    ) -> impl FnMut(&ClientEvent, &WorldCopy) + Send + 'static {
        let comebacks = self.clone();
        let mut welcomed = None;
        move |event, copy| {
            match event {
                ClientEvent::Welcomed(with) => welcomed = Some((Instant::now(), with.resync)),
                ClientEvent::Updated(_) => {
                    if let Some((at, resync)) = welcomed.take() {
                        comebacks.seen().has_its_world(character, at, resync);
                    }
                }
                ClientEvent::Closed(error) => comebacks.seen().refused(error),
                _ => {}
            }
            next.saw(event, copy);
        }
    }

    pub(super) fn count(&self) -> usize {
        self.seen().back.len()
    }

    pub(super) fn times(&self) -> Vec<Duration> {
        self.seen().back.values().map(|(time, _)| *time).collect()
    }

    /// How many were brought what.
    pub(super) fn resyncs(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for (_, resync) in self.seen().back.values() {
            *counts.entry(name(*resync).to_owned()).or_default() += 1;
        }
        counts
    }

    pub(super) fn refusals(&self) -> BTreeMap<String, u64> {
        self.seen().refusals.clone()
    }
}

impl Seen {
    fn has_its_world(&mut self, character: EntityId, welcomed: Instant, resync: ResyncKind) {
        let Some(struck) = self.struck.filter(|struck| *struck <= welcomed) else { return };
        self.back.entry(character).or_insert((struck.elapsed(), resync));
    }

    fn refused(&mut self, error: &ErrorBody) {
        if self.struck.is_some() {
            let name = error
                .code
                .engine_entry()
                .map_or_else(|| error.code.to_string(), |entry| entry.name.to_owned());
            *self.refusals.entry(name).or_default() += 1;
        }
    }
}

/// What was brought, in a word.
pub(super) fn name(resync: ResyncKind) -> &'static str {
    match resync {
        ResyncKind::Delta => "delta",
        ResyncKind::SnapshotFresh => "snapshot_fresh",
        ResyncKind::SnapshotExpired => "snapshot_expired",
        ResyncKind::SnapshotUnknownEpoch => "snapshot_unknown_epoch",
        ResyncKind::SnapshotDiverged => "snapshot_diverged",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_welcomed_before_the_storm_is_not_back() {
        let comebacks = Comebacks::default();
        let before = Instant::now();
        comebacks.seen().has_its_world(EntityId(1), before, ResyncKind::SnapshotFresh);
        comebacks.strike(before + Duration::from_millis(1));
        comebacks.seen().has_its_world(EntityId(1), before, ResyncKind::SnapshotFresh);
        assert_eq!(comebacks.count(), 0);
        comebacks.seen().has_its_world(EntityId(1), before + Duration::from_millis(2), ResyncKind::Delta);
        assert_eq!(comebacks.resyncs(), BTreeMap::from([("delta".to_owned(), 1)]));
    }
}
