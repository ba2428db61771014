//! The shortest plan that still fails: fewer faults, fewer clients, fewer ticks.

use crate::plan::{Begins, Plan};

/// How many runs that may take.
const TRIES_MAX: u32 = 600;

/// Cuts a failing plan down, where `fails` runs a plan and says whether it does. What is handed out fails as well,
/// though perhaps over another promise.
#[must_use]
pub fn shrink(plan: &Plan, fails: impl FnMut(&Plan) -> bool) -> Plan {
    let mut shrinking = Shrinking { fails, best: plan.clone(), tries: 0 };
    while shrinking.pass() && shrinking.tries < TRIES_MAX {}
    shrinking.best
}

struct Shrinking<F> {
    fails: F,
    best: Plan,
    tries: u32,
}

impl<F: FnMut(&Plan) -> bool> Shrinking<F> {
    /// Tries everything once. Whether anything helped.
    fn pass(&mut self) -> bool {
        let mut helped = false;
        let mut size = self.best.faults.len().div_ceil(2);
        while size > 0 {
            let mut first = 0;
            while first < self.best.faults.len() {
                let mut fewer = self.best.clone();
                fewer.faults.drain(first..(first + size).min(self.best.faults.len()));
                if self.still_fails(fewer) {
                    helped = true;
                } else {
                    first += size;
                }
            }
            size /= 2;
        }
        let one_client_less = Plan { clients: self.best.clients.saturating_sub(1), ..self.best.clone() };
        helped |= one_client_less.clients > 0 && self.still_fails(one_client_less);
        let half = Plan { ticks: (self.best.ticks / 2).max(1), ..self.best.clone() };
        helped |= half.ticks < self.best.ticks && self.still_fails(half);
        let alone = Plan { standby: false, ..self.best.clone() };
        helped |= self.best.standby && self.still_fails(alone);
        let stays = Plan { short_stays: false, ..self.best.clone() };
        helped |= self.best.short_stays && self.still_fails(stays);
        let roomy = Plan { crowded: false, ..self.best.clone() };
        helped |= self.best.crowded && self.still_fails(roomy);
        let settled = Plan { begins: Begins::Settled, ..self.best.clone() };
        helped |= self.best.begins != Begins::Settled && self.still_fails(settled);
        helped
    }

    fn still_fails(&mut self, plan: Plan) -> bool {
        self.tries += 1;
        let fails = self.tries <= TRIES_MAX && (self.fails)(&plan);
        if fails {
            self.best = plan;
        }
        fails
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Harm;

    #[test]
    fn what_does_not_matter_is_cut_away() {
        let plan = Plan::of_seed(3);
        let needs = |plan: &Plan| {
            let has_crash = plan.faults.iter().any(|fault| matches!(fault.harm, Harm::Crash { .. }));
            has_crash && plan.clients >= 2 && plan.ticks > 10
        };
        let short = shrink(&plan, needs);
        assert!(needs(&short), "it still fails");
        assert_eq!((short.faults.len(), short.clients), (1, 2));
        assert!(short.ticks <= 21 && !short.standby && !short.short_stays);
    }

    #[test]
    fn a_plan_of_which_everything_matters_stays_as_it_is() {
        let plan = Plan::of_seed(4);
        assert_eq!(shrink(&plan, |shorter| *shorter == plan), plan);
    }

    #[test]
    fn it_comes_to_an_end() {
        let mut tries = 0;
        let empty = shrink(&Plan::of_seed(5), |_| {
            tries += 1;
            true
        });
        assert!(empty.faults.is_empty() && tries <= TRIES_MAX);
    }
}
