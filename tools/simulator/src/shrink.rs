//! The shortest plan that still fails: fewer faults, fewer clients, fewer ticks.

use crate::plan::{Begins, Plan};
use crate::run::{Options, Stage};

/// How many runs that may take.
const TRIES_MAX: u32 = 600;

/// How few ticks a plan may have.
const TICKS_MIN: u32 = 1;

/// Cuts a failing plan down. What is handed out fails as well, though perhaps over another promise.
#[must_use]
pub fn shrink(stage: &Stage, plan: &Plan, options: Options) -> Plan {
    let mut shrinking = Shrinking { stage, options, best: plan.clone(), tries: 0 };
    while shrinking.pass() && shrinking.tries < TRIES_MAX {}
    shrinking.best
}

struct Shrinking<'a> {
    stage: &'a Stage,
    options: Options,
    best: Plan,
    tries: u32,
}

impl Shrinking<'_> {
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
        let half = Plan { ticks: (self.best.ticks / 2).max(TICKS_MIN), ..self.best.clone() };
        helped |= half.ticks < self.best.ticks && self.still_fails(half);
        let alone = Plan { standby: false, ..self.best.clone() };
        helped |= self.best.standby && self.still_fails(alone);
        let stays = Plan { short_stays: false, ..self.best.clone() };
        helped |= self.best.short_stays && self.still_fails(stays);
        let settled = Plan { begins: Begins::Settled, ..self.best.clone() };
        helped |= self.best.begins != Begins::Settled && self.still_fails(settled);
        helped
    }

    fn still_fails(&mut self, plan: Plan) -> bool {
        self.tries += 1;
        let fails = self.tries <= TRIES_MAX && self.stage.run(&plan, self.options).failure.is_some();
        if fails {
            self.best = plan;
        }
        fails
    }
}
