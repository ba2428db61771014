//! When a client that lost its connection tries again.
//!
//! At once (0–250 ms, so that everybody does not come back in one instant), then after a random share of 0.5, 1, 2, 4,
//! 8, 16, 16 … s, for as long as the session can be resumed. A server that names a time is obeyed; a refusal that is
//! not transient ends it. Only an access token that has run out is tried again, once and at once: the next connection
//! asks for a new one.

use std::time::Duration;

use holdfast_protocol::{Code, ErrorBody};
use rand::{Rng, RngExt};

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
    tries: u32,
    /// Whether the last connection ended because its access token had run out.
    token_expired: bool,
}

impl Backoff {
    /// A server has welcomed the client: the next loss begins anew.
    pub fn welcomed(&mut self) {
        *self = Self::default();
    }

    /// A connection was lost, or could not be had; with the server's last word, where it had one.
    pub fn lost(&mut self, now: Duration, error: Option<&ErrorBody>, rng: &mut impl Rng) -> Retry {
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
        let jitter_max_ms = match self.tries.checked_sub(1) {
            None => FIRST_TRY_MS,
            Some(doublings) => (STEP_FIRST_MS << doublings.min(5)).min(STEP_MAX_MS),
        };
        self.tries = self.tries.saturating_add(1);
        let jitter = Duration::from_millis(rng.random_range(0..=jitter_max_ms));
        let asked = error.map_or(0, |error| error.retry_after_ms);
        let at = now + jitter.max(Duration::from_millis(u64::from(asked)));
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

    #[test]
    fn tries_spread_and_slow_down_until_the_window_is_over() {
        let mut longest = [0; 8];
        for seed in 0..200 {
            let mut rng = StdRng::seed_from_u64(seed);
            let mut backoff = Backoff::default();
            for slot in &mut longest {
                let Retry::At(at) = backoff.lost(LOST, None, &mut rng) else { panic!("too early") };
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
        assert!(matches!(backoff.lost(LOST, None, &mut rng), Retry::At(_)));
        let late = LOST + RETRY_WINDOW + Duration::from_millis(1);
        assert_eq!(backoff.lost(late, None, &mut rng), Retry::LimitReached);
        backoff.welcomed();
        assert!(matches!(backoff.lost(late, None, &mut rng), Retry::At(_)));
    }

    #[test]
    fn the_servers_time_is_obeyed() {
        let mut rng = StdRng::seed_from_u64(1);
        let error = ErrorBody::new(Code::SERVER_FULL, 7_000, 0);
        let Retry::At(at) = Backoff::default().lost(LOST, Some(&error), &mut rng) else { panic!() };
        assert_eq!(at, LOST + Duration::from_secs(7));
    }

    #[test]
    fn a_refusal_that_is_not_transient_ends_it() {
        let mut rng = StdRng::seed_from_u64(1);
        let error = ErrorBody::new(Code::REPLACED, 0, 0);
        assert_eq!(Backoff::default().lost(LOST, Some(&error), &mut rng), Retry::Terminal);
    }

    #[test]
    fn a_token_that_ran_out_is_tried_once_with_a_new_one() {
        let mut rng = StdRng::seed_from_u64(1);
        let error = ErrorBody::new(Code::TOKEN_EXPIRED, 0, 0);
        let mut backoff = Backoff::default();
        assert_eq!(backoff.lost(LOST, Some(&error), &mut rng), Retry::At(LOST));
        assert_eq!(backoff.lost(LOST, Some(&error), &mut rng), Retry::Terminal);
        backoff.welcomed();
        assert_eq!(backoff.lost(LOST, Some(&error), &mut rng), Retry::At(LOST), "the next one, hours later");
    }
}
