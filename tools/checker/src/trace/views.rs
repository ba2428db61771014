//! What is seen around each centre, as far as a trace has said: writer and reader keep the same.

use std::collections::BTreeMap;

use holdfast_protocol::{ChunkId, EntityId};
use serde::{Deserialize, Serialize};

use crate::history::view::View;

/// How many centres are remembered. One more, and all are forgotten: their next views are written whole.
const CENTRES_MAX: usize = 1_024;

/// How one view became another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewChange {
    tapes: ListChange<Vec<u64>, Regrown>,
    items: ListChange<EntityId, EntityId>,
    balances: ListChange<i64, i64>,
}

/// How a list of entities with their values became another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum ListChange<T, C> {
    /// The same entities are there. Those that changed, each by its place.
    Values(Vec<(usize, C)>),
    /// Others are there: all of them.
    Whole(Vec<(EntityId, T)>),
}

/// A tape of which a beginning has stayed, and what stands behind that now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Regrown {
    kept: usize,
    grown: Vec<u64>,
}

impl Regrown {
    fn between(before: &[u64], after: &[u64]) -> Self {
        let kept = before.iter().zip(after).take_while(|(before, after)| before == after).count();
        Self { kept, grown: after[kept..].to_vec() }
    }
}

impl<T: Clone + PartialEq, C> ListChange<T, C> {
    fn between(before: &[(EntityId, T)], after: &[(EntityId, T)], change: fn(&T, &T) -> C) -> Self {
        let ids = |list: &[(EntityId, T)]| list.iter().map(|(id, _)| *id).collect::<Vec<_>>();
        if ids(before) != ids(after) {
            return Self::Whole(after.to_vec());
        }
        let values = before.iter().zip(after).enumerate().filter(|(_, (before, after))| before != after);
        Self::Values(
            values.map(|(place, ((_, before), (_, after)))| (place, change(before, after))).collect(),
        )
    }

    /// None where the list is too short for what is said to have changed.
    fn apply(self, list: &mut Vec<(EntityId, T)>, apply: fn(&mut T, C) -> Option<()>) -> Option<()> {
        match self {
            Self::Whole(whole) => *list = whole,
            Self::Values(values) => {
                for (place, change) in values {
                    apply(&mut list.get_mut(place)?.1, change)?;
                }
            }
        }
        Some(())
    }
}

/// The last view of each centre.
#[derive(Debug, Default)]
pub(super) struct Views(BTreeMap<ChunkId, View>);

impl Views {
    /// This is seen around `center` now. None where it was before.
    pub(super) fn change(&mut self, center: ChunkId, view: &View) -> Option<ViewChange> {
        let is_known = self.0.get(&center).map_or(view == &View::default(), |before| before == view);
        if is_known {
            return None;
        }
        let before = self.place(center);
        let change = ViewChange {
            tapes: ListChange::between(&before.tapes, &view.tapes, |before, after| {
                Regrown::between(before, after)
            }),
            items: ListChange::between(&before.items, &view.items, |_, holder| *holder),
            balances: ListChange::between(&before.balances, &view.balances, |_, balance| *balance),
        };
        before.clone_from(view);
        Some(change)
    }

    /// A change was read. None where it cannot have come about.
    pub(super) fn apply(&mut self, center: ChunkId, change: ViewChange) -> Option<()> {
        let view = self.place(center);
        change.tapes.apply(&mut view.tapes, |entries, change| {
            if entries.len() < change.kept {
                return None;
            }
            entries.truncate(change.kept);
            entries.extend(change.grown);
            Some(())
        })?;
        change.items.apply(&mut view.items, |holder, change| {
            *holder = change;
            Some(())
        })?;
        change.balances.apply(&mut view.balances, |balance, change| {
            *balance = change;
            Some(())
        })
    }

    /// What is seen around `center`.
    pub(super) fn get(&self, center: ChunkId) -> View {
        self.0.get(&center).cloned().unwrap_or_default()
    }

    fn place(&mut self, center: ChunkId) -> &mut View {
        if self.0.len() >= CENTRES_MAX && !self.0.contains_key(&center) {
            self.0.clear();
        }
        self.0.entry(center).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAPE: EntityId = EntityId(2);

    fn view(entries: &[u64], balance: i64) -> View {
        View {
            tapes: vec![(TAPE, entries.to_vec()), (EntityId(4), vec![7; 200])],
            items: vec![(EntityId(6), EntityId(1))],
            balances: vec![(EntityId(1), balance), (EntityId(3), 1_000)],
        }
    }

    #[test]
    fn whoever_reads_the_changes_sees_the_views() {
        let (mut writer, mut reader) = (Views::default(), Views::default());
        let mut gone = view(&[1, 3, 4], 880);
        gone.balances.pop();
        let views =
            [view(&[1, 2], 1_000), view(&[1, 2, 3], 990), view(&[1, 3, 4], 880), gone, View::default()];
        for view in views {
            let change = writer.change(ChunkId(1), &view).unwrap();
            assert_eq!(reader.apply(ChunkId(1), change), Some(()));
            assert_eq!(reader.get(ChunkId(1)), view);
            assert_eq!(writer.change(ChunkId(1), &view), None, "it is known");
        }
        assert_eq!(writer.change(ChunkId(2), &View::default()), None, "as if nothing was there");
    }

    #[test]
    fn only_what_changed_is_written() {
        let mut views = Views::default();
        views.change(ChunkId(1), &view(&[1, 2], 1_000)).unwrap();
        let change = views.change(ChunkId(1), &view(&[1, 2, 3], 990)).unwrap();
        let bytes = holdfast_protocol::encode(&change);
        assert!(bytes.len() <= 16, "{} bytes: {change:?}", bytes.len());
    }

    #[test]
    fn what_is_forgotten_is_forgotten_by_both() {
        let (mut writer, mut reader) = (Views::default(), Views::default());
        for round in 0..3 {
            for center in (0..=CENTRES_MAX as u64).map(ChunkId) {
                let view = view(&[center.0], round);
                if let Some(change) = writer.change(center, &view) {
                    reader.apply(center, change).unwrap();
                }
                assert_eq!(reader.get(center), view);
            }
            assert!(writer.0.len() <= CENTRES_MAX);
        }
    }

    #[test]
    fn a_change_of_what_is_not_there_is_refused() {
        let mut views = Views::default();
        views.change(ChunkId(1), &view(&[1, 2, 3], 1_000)).unwrap();
        let change = views.change(ChunkId(1), &view(&[1, 2, 3, 4], 990)).unwrap();
        assert_eq!(Views::default().apply(ChunkId(1), change.clone()), None, "no such tape");
        let mut shorter = Views::default();
        shorter.change(ChunkId(1), &view(&[1], 1_000)).unwrap();
        assert_eq!(shorter.apply(ChunkId(1), change), None, "too little on it");
    }
}
