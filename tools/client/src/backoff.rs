//! When a client that lost its connection tries again.
//!
//! At once (0–250 ms, so that everybody does not come back in one instant), then after a random share of 0.5, 1, 2, 4,
//! 8, 16, 16 … s, for as long as the session can be resumed. Where there are several addresses, these are the waits between
//! rounds through all of them, and within a round there is none. A server that names a time is obeyed; a refusal that is
//! not transient ends it. Only an access token that has run out is tried again, once and at once: the next connection
//! asks for a new one.

use std::time::Duration;

use holdfast_protocol::{Code, ErrorBody};
use rand::{Rng, RngExt};

use crate::addresses::Turn;

/// For how long a session can be resumed after its connection was lost, and so for how long a client tries.
pub const RETRY_WINDOW: Duration = Duration::from_secs(120);

const FIRST_TRY_MS: u64 = 250;
const STEP_FIRST_MS: u64 = 500;
const STEP_MAX_MS: u64 = 16_000;

/// What to do about a lost connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Try again at this time.
    At(Duration),
    /// The refusal is not transient: trying again changes nothing.
    Terminal,
    /// The window is over: what comes next is a person's wish.
    LimitReached,
}

/// The tries since a connection was lost.
#[derive(Clone, Debug, Default)]
pub struct Backoff {
    since: Option<Duration>,
    /// How many rounds of tries have begun.
    rounds: u32,
    /// Whether the last connection ended because its access token had run out.
    token_expired: bool,
}

impl Backoff {
    /// A server has welcomed the client: the next loss begins anew.
    pub fn welcomed(&mut self) {
        *self = Self::default();
    }

    /// A connection was lost, or could not be had; with the server's last word, where it had one, and with what is to
    /// be known of the address that is next.
    pub fn lost(
        &mut self,
        now: Duration,
        error: Option<&ErrorBody>,
        turn: Turn,
        rng: &mut impl Rng,
    ) -> Retry {
        let since = *self.since.get_or_insert(now);
        let token_expired = error.is_some_and(|error| error.code == Code::TOKEN_EXPIRED);
        let expired_before = std::mem::replace(&mut self.token_expired, token_expired);
        // Twice in a row, and whoever gives the tokens gives none that are of use.
        if token_expired && !expired_before && now <= since + RETRY_WINDOW {
            return Retry::At(now);
        }
        if error.is_some_and(|error| !error.retryable) {
            return Retry::Terminal;
        }
        let jitter_max_ms = match self.rounds.checked_sub(1) {
            _ if !turn.begins_round => 0,
            None => FIRST_TRY_MS,
            Some(doublings) => (STEP_FIRST_MS << doublings.min(5)).min(STEP_MAX_MS),
        };
        self.rounds = self.rounds.saturating_add(turn.begins_round.into());
        let jitter = Duration::from_millis(rng.random_range(0..=jitter_max_ms));
        let at = (now + jitter).max(turn.not_before);
        if at > since + RETRY_WINDOW { Retry::LimitReached } else { Retry::At(at) }
    }
}

#[cfg(test)]
mod tests {
    use holdfast_protocol::Code;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    const LOST: Duration = Duration::from_secs(1_000);
    const ROUND: Turn = Turn { begins_round: true, not_before: Duration::ZERO };

    #[test]
    fn tries_spread_and_slow_down_until_the_window_is_over() {
        let mut longest = [0; 8];
        for seed in 0..200 {
            let mut rng = StdRng::seed_from_u64(seed);
            let mut backoff = Backoff::default();
            for slot in &mut longest {
                let Retry::At(at) = backoff.lost(LOST, None, ROUND, &mut rng) else { panic!("too early") };
                *slot = u64::try_from((at - LOST).as_millis()).unwrap().max(*slot);
            }
        }
        for (found, bound) in longest.iter().zip([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 16_000]) {
            assert!((bound * 8 / 10..=bound).contains(found), "{found} of {bound}");
        }
    }

    #[test]
    fn the_window_ends_and_a_welcome_begins_it_anew() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut backoff = Backoff::default();
        assert!(matches!(backoff.lost(LOST, None, ROUND, &mut rng), Retry::At(_)));
        let late = LOST + RETRY_WINDOW + Duration::from_millis(1);
        assert_eq!(backoff.lost(late, None, ROUND, &mut rng), Retry::LimitReached);
        backoff.welcomed();
        assert!(matches!(backoff.lost(late, None, ROUND, &mut rng), Retry::At(_)));
    }

    #[test]
    fn the_servers_time_is_obeyed() {
        let mut rng = StdRng::seed_from_u64(1);
        let error = ErrorBody::new(Code::SERVER_FULL, 7_000, 0);
        let turn = Turn { not_before: LOST + Duration::from_secs(7), ..ROUND };
        let Retry::At(at) = Backoff::default().lost(LOST, Some(&error), turn, &mut rng) else { panic!() };
        assert_eq!(at, LOST + Duration::from_secs(7));
    }

    #[test]
    fn within_a_round_there_is_no_wait_and_it_counts_for_none() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut backoff = Backoff::default();
        let within = Turn { begins_round: false, ..ROUND };
        for _ in 0..7 {
            assert_eq!(backoff.lost(LOST, None, within, &mut rng), Retry::At(LOST));
        }
        let Retry::At(at) = backoff.lost(LOST, None, ROUND, &mut rng) else { panic!() };
        assert!(at <= LOST + Duration::from_millis(FIRST_TRY_MS));
    }

    #[test]
    fn a_refusal_that_is_not_transient_ends_it() {
        let mut rng = StdRng::seed_from_u64(1);
        let error = ErrorBody::new(Code::REPLACED, 0, 0);
        assert_eq!(Backoff::default().lost(LOST, Some(&error), ROUND, &mut rng), Retry::Terminal);
    }

    #[test]
    fn a_token_that_ran_out_is_tried_once_with_a_new_one() {
        let mut rng = StdRng::seed_from_u64(1);
        let error = ErrorBody::new(Code::TOKEN_EXPIRED, 0, 0);
        let mut backoff = Backoff::default();
        assert_eq!(backoff.lost(LOST, Some(&error), ROUND, &mut rng), Retry::At(LOST));
        assert_eq!(backoff.lost(LOST, Some(&error), ROUND, &mut rng), Retry::Terminal);
        backoff.welcomed();
        assert_eq!(
            backoff.lost(LOST, Some(&error), ROUND, &mut rng),
            Retry::At(LOST),
            "the next one, hours later"
        );
    }
}
