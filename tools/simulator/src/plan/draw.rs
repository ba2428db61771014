//! Draws a plan from a seed: at least five faults, at least one of them the death of a process, and one point at which
//! something strikes while clients are in all kinds of moods.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::{Begins, Plan};
use crate::fault::{Fault, Harm, Loading, Refusing, Side, Truth, Usurping};
use crate::game::Way;
use crate::point::Point;

/// How many faults a drawn plan has at least, and at most besides those that prepare another.
const FAULTS: (usize, usize) = (5, 9);

/// How many of all plans, in a hundred, have a process freeze for longer than its lease lasts.
const LONG_FREEZES: u32 = 8;

impl Plan {
    /// The plan of this seed.
    #[must_use]
    pub fn of_seed(seed: u64) -> Self {
        let mut draw = Draw { rng: StdRng::seed_from_u64(seed), clients: 0, span_ms: 0, faults: Vec::new() };
        draw.plan(seed)
    }
}

struct Draw {
    rng: StdRng,
    clients: u8,
    /// In which time faults begin.
    span_ms: u32,
    faults: Vec<Fault>,
}

impl Draw {
    fn plan(&mut self, seed: u64) -> Plan {
        self.clients = self.rng.random_range(4..=5);
        let ticks = self.rng.random_range(60..=85);
        self.span_ms = ticks * 45;
        let begins = match self.rng.random_range(0..20) {
            0 => Begins::Empty,
            1..4 => Begins::LaidOut,
            _ => Begins::Settled,
        };
        self.strike_at_a_point();
        let count = self.rng.random_range(FAULTS.0..=FAULTS.1);
        while self.faults.len() < count {
            let (after_ms, harm) = (self.moment(), self.harm());
            self.add(after_ms, None, harm);
        }
        if !self.faults.iter().any(|fault| matches!(fault.harm, Harm::Crash { .. })) {
            let (after_ms, harm) = (self.moment(), self.crash());
            self.add(after_ms, None, harm);
        }
        self.faults.sort_by_key(|fault| fault.after_ms);
        Plan {
            seed,
            clients: self.clients,
            ticks,
            begins,
            standby: self.rng.random_bool(0.5),
            short_stays: self.rng.random_bool(0.25),
            crowded: self.rng.random_bool(0.2),
            faults: std::mem::take(&mut self.faults),
        }
    }

    /// One point at which something strikes, whatever must happen for a server to come by it, and what clients may be
    /// doing just then.
    fn strike_at_a_point(&mut self) {
        let point = Point::ALL[self.rng.random_range(0..Point::ALL.len())];
        let after_ms = self.moment();
        match point {
            Point::DuringLoad if self.rng.random_bool(0.6) => {
                let harm = self.usurp();
                self.add(after_ms, None, harm);
            }
            Point::DuringLoad => {
                let harm = self.crash();
                self.add(after_ms, None, harm);
            }
            Point::DuringReload => {
                let harm = self.blunder();
                self.add(after_ms, None, harm);
            }
            Point::DuringAttach | Point::BeforeWelcome => {
                let client = self.client();
                self.add(after_ms, None, Harm::Cut { client, noticed_by: Side::Both });
            }
            _ => {}
        }
        for client in 0..self.clients {
            let before = after_ms.saturating_sub(self.rng.random_range(0..400));
            match self.rng.random_range(0..15) {
                0 | 1 => {
                    let ms = self.rng.random_range(300..2_500);
                    self.add(before, None, Harm::Deafen { client, ms });
                }
                2 => self.add(before, None, Harm::Cut { client, noticed_by: Side::Server }),
                3 => self.add(before, None, Harm::Cut { client, noticed_by: Side::Client }),
                4 => self.add(before, None, Harm::Leave { client, ms: 300 }),
                5..8 => {
                    // So that it is on its way back about then.
                    let before = after_ms.saturating_sub(self.rng.random_range(0..250));
                    self.add(before, None, Harm::Forget { client });
                }
                _ => {}
            }
        }
        let harm = match self.rng.random_range(0..10) {
            0 => self.freeze(),
            1 => Harm::StoreCrash { down_ms: self.rng.random_range(10..800) },
            2 => Harm::Cut { client: self.client(), noticed_by: self.side() },
            3 => self.usurp(),
            _ => self.crash(),
        };
        self.add(after_ms, Some(point), harm);
    }

    fn harm(&mut self) -> Harm {
        match self.rng.random_range(0..21) {
            0 => self.crash(),
            1 => self.freeze(),
            2 => Harm::Drain,
            3 => Harm::Refuse { error: Refusing::RetryNow, times: self.rng.random_range(1..8) },
            4 => Harm::Refuse { error: Refusing::RetryLater, times: self.rng.random_range(1..4) },
            5 => {
                let error = if self.rng.random_bool(0.7) { Refusing::Fenced } else { Refusing::Halt };
                Harm::Refuse { error, times: 1 }
            }
            6..9 => Harm::Doubt { truth: self.truth() },
            9 => Harm::SlowFlush { ms: self.rng.random_range(20..600) },
            10 => Harm::Stall { ms: self.stall_ms() },
            11 => Harm::StoreCrash { down_ms: self.rng.random_range(10..800) },
            12 => self.usurp(),
            13 | 14 => Harm::Cut { client: self.client(), noticed_by: self.side() },
            15 => Harm::Deafen { client: self.client(), ms: self.rng.random_range(100..3_500) },
            16 => Harm::Lag { client: self.client(), ms: self.rng.random_range(10..400) },
            17 if self.rng.random_bool(0.3) => Harm::Forget { client: self.client() },
            17 => Harm::Reopen { client: self.client() },
            18 => Harm::Leave { client: self.client(), ms: self.rng.random_range(50..1_500) },
            19 => self.blunder(),
            _ => {
                let how = match self.rng.random_range(0..3) {
                    0 => Loading::Fails,
                    1 => Loading::Late { ms: self.rng.random_range(50..1_500) },
                    _ => Loading::Stale,
                };
                Harm::Load { how, times: self.rng.random_range(1..4) }
            }
        }
    }

    fn crash(&mut self) -> Harm {
        Harm::Crash { down_ms: self.rng.random_range(20..400), silent: self.rng.random_bool(0.2) }
    }

    /// Mostly shorter than a pause that anybody is told of, or than the owner's trust; sometimes longer than its lease.
    fn freeze(&mut self) -> Harm {
        let ms = if self.rng.random_ratio(LONG_FREEZES, 100) {
            self.rng.random_range(5_200..6_500)
        } else {
            self.stall_ms()
        };
        Harm::Freeze { ms }
    }

    fn stall_ms(&mut self) -> u32 {
        match self.rng.random_range(0..10) {
            0..6 => self.rng.random_range(20..600),
            6..9 => self.rng.random_range(600..2_400),
            _ => self.rng.random_range(2_400..4_000),
        }
    }

    fn usurp(&mut self) -> Harm {
        let way = if self.rng.random_bool(0.5) { Usurping::LockLost } else { Usurping::Ignored };
        Harm::Usurp { way }
    }

    fn blunder(&mut self) -> Harm {
        let way = match self.rng.random_range(0..4) {
            0 => Way::Deciding,
            1 => Way::HalfDone,
            2 => Way::Haunting,
            _ => Way::Unwritable,
        };
        Harm::Blunder { client: self.client(), way }
    }

    fn truth(&mut self) -> Truth {
        match self.rng.random_range(0..20) {
            0..8 => Truth::Committed,
            8..14 => Truth::Lost,
            14..19 => Truth::Running,
            _ => Truth::Silent,
        }
    }

    fn side(&mut self) -> Side {
        match self.rng.random_range(0..3) {
            0 => Side::Both,
            1 => Side::Client,
            _ => Side::Server,
        }
    }

    fn client(&mut self) -> u8 {
        self.rng.random_range(0..self.clients)
    }

    fn moment(&mut self) -> u32 {
        self.rng.random_range(100..self.span_ms)
    }

    fn add(&mut self, after_ms: u32, at: Option<Point>, harm: Harm) {
        self.faults.push(Fault { after_ms, at, harm });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_has_what_a_run_needs_and_comes_back_as_it_was_printed() {
        for seed in 0..500 {
            let plan = Plan::of_seed(seed);
            assert!(plan.clients >= 4 && plan.ticks >= 60 && plan.faults.len() >= 5);
            assert!(plan.faults.iter().any(|fault| matches!(fault.harm, Harm::Crash { .. })));
            let printed = serde_json::to_string(&plan).unwrap();
            assert_eq!(serde_json::from_str::<Plan>(&printed).unwrap(), plan);
        }
    }
}
