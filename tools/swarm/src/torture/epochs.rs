//! Whether an owner that had lost the world has written to it: from the database and from what clients were shown.

use holdfast_protocol::{Epoch, Tick};

use super::report::Ownerships;
use super::witness::Witness;
use crate::journal::{Ends, Journal};

/// How many ownerships there were, and what is known of those that were over: flushes that the journal has, ticks that
/// clients were shown as durable beyond the end of their ownership, and frames that came too late.
pub(super) fn ownerships(journal: &Journal, witness: &Witness) -> Ownerships {
    let Journal { commits, ends } = journal;
    let written = commits.list.iter().map(|commit| (commit.epoch, commit.to));
    let told = written.chain(witness.last_ticks());
    Ownerships {
        count: ends.0.len() + 1,
        late_writes: beyond(ends, told),
        late_frames: witness.late_frame_count(),
        listened: witness.listened_count(),
    }
}

/// How many of these are beyond the end of their ownership, and how many ownerships end before an earlier one does.
fn beyond(ends: &Ends, told: impl IntoIterator<Item = (Epoch, Tick)>) -> u64 {
    let late_count = told.into_iter().filter(|(epoch, tick)| ends.is_beyond(*epoch, *tick)).count();
    let out_of_order = ends.0.windows(2).filter(|pair| pair[0].1 >= pair[1].1).count();
    u64::try_from(late_count + out_of_order).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_beyond_the_end_of_its_ownership_was_written_too_late() {
        let ends = Ends(vec![(Epoch(1), Tick(10)), (Epoch(2), Tick(20))]);
        let told = |first, second| {
            beyond(&ends, [(Epoch(1), Tick(first)), (Epoch(2), Tick(second)), (Epoch(3), Tick(99))])
        };
        assert_eq!(told(10, 20), 0);
        assert_eq!(told(11, 20), 1);
        assert_eq!(told(12, 25), 2);
        assert_eq!(
            beyond(&Ends(vec![(Epoch(1), Tick(10)), (Epoch(2), Tick(10))]), []),
            1,
            "an ownership begins with a tick of its own"
        );
    }
}
