//! How often a session may act.

use std::time::Duration;

use holdfast_protocol::UNANSWERED_MAX;

use crate::bucket::Bucket;
use crate::event::Pace;
use crate::moment::Moment;

/// A session's rates.
#[derive(Debug)]
pub(crate) struct Rates {
    /// What is left of the actions that are free after an attachment.
    ///
    /// A client that comes back sends again, at once, every action that it has no answer to: at most as many as it may
    /// have unanswered. None of them is too fast, of whatever kind: they were paced when they were first sent. (A store
    /// that stands still needs no such thing: its clients' backlog came at the pace of their players.) Reconnecting
    /// to get a free burst gains nobody much: the world takes one move at a time anyway, and never more than the
    /// unanswered bound.
    free: usize,
    walk: Bucket,
    chat: Bucket,
    other: Bucket,
}

impl Default for Rates {
    fn default() -> Self {
        let every = |ms, burst| Bucket::new(Duration::from_millis(ms), burst);
        Self { free: UNANSWERED_MAX, walk: every(125, 8), chat: every(2_000, 5), other: every(100, 10) }
    }
}

impl Rates {
    /// Counts one action.
    ///
    /// # Errors
    /// Where it comes too early; how long to wait.
    pub(crate) fn take(&mut self, pace: Pace, now: Moment) -> Result<(), Duration> {
        if self.free > 0 {
            self.free -= 1;
            return Ok(());
        }
        match pace {
            Pace::Move => self.walk.take(now),
            Pace::Chat => self.chat.take(now),
            Pace::Other => self.other.take(now),
            Pace::Unpaced => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Moment {
        Moment(Duration::from_millis(ms))
    }

    fn settled() -> Rates {
        Rates { free: 0, ..Rates::default() }
    }

    #[test]
    fn each_pace_has_its_own_rate() {
        for (pace, burst, interval_ms) in
            [(Pace::Move, 8, 125), (Pace::Chat, 5, 2_000), (Pace::Other, 10, 100)]
        {
            let mut rates = settled();
            let taken = (0..20).take_while(|_| rates.take(pace, at(50_000)).is_ok()).count();
            assert_eq!(taken, burst, "{pace:?}");
            let wait = rates.take(pace, at(50_000)).unwrap_err();
            assert_eq!(wait, Duration::from_millis(interval_ms), "{pace:?}");
            assert!(rates.take(pace, at(50_000 + interval_ms - 1)).is_err());
            assert!(rates.take(pace, at(50_000 + interval_ms)).is_ok());
            assert!(rates.take(pace, at(50_000 + interval_ms)).is_err());
        }
    }

    #[test]
    fn a_whole_backlog_after_an_attachment_is_not_too_fast() {
        let mut rates = Rates::default();
        for _ in 0..UNANSWERED_MAX {
            assert!(rates.take(Pace::Chat, at(0)).is_ok());
        }
        let taken = (0..20).take_while(|_| rates.take(Pace::Chat, at(0)).is_ok()).count();
        assert_eq!(taken, 5, "then the ordinary burst");
    }
}
