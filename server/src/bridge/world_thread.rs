//! The world's own thread: a tick at a time, at its own pace, as far as the leash lets it go.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc as world_channel;
use std::time::Duration;

use holdfast_front::TickTimes;
use holdfast_protocol::Tick;
use tokio::sync::mpsc;

use crate::clock::{self, Pacer};
use crate::http::liveness::Pulse;
use crate::hub::TICKS_AHEAD_MAX;
use crate::poison::Failure;
use crate::telemetry::meter::Meter;
use crate::tick::{TickOutput, WorldInput, WorldMachine};

/// How often a world that stands still looks whether it may go on: a fiftieth of a tick.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// How far the world may go: shared by the hub, which says, and the world's thread, which obeys.
#[derive(Default)]
pub(super) struct Leash {
    pub(super) durable: AtomicU64,
    pub(super) gate_full: AtomicBool,
    pub(super) stop: AtomicBool,
}

impl Leash {
    fn allows(&self, next: Tick) -> bool {
        let durable = Tick(self.durable.load(Ordering::Acquire));
        next.since(durable) <= TICKS_AHEAD_MAX && !self.gate_full.load(Ordering::Acquire)
    }

    fn stops(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }
}

/// Stops the world's thread also where the hub panics: the process could not end before it.
pub(super) struct StopOnDrop(pub(super) Arc<Leash>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop.store(true, Ordering::Release);
    }
}

/// What a tick's thread hands to the hub.
pub(super) enum WorldOutput {
    Ticked(Box<TickOutput>),
    /// A tick has panicked: the thread's last word.
    Failed(Failure),
}

/// The world's own thread.
pub(super) struct WorldThread {
    pub(super) machine: WorldMachine,
    pub(super) inputs: world_channel::Receiver<WorldInput>,
    pub(super) inputs_max: usize,
    pub(super) outputs: mpsc::Sender<WorldOutput>,
    pub(super) leash: Arc<Leash>,
    pub(super) pulse: Pulse,
    pub(super) meter: Arc<Meter>,
}

impl WorldThread {
    pub(super) fn run(mut self, tick: Duration) {
        let mut pacer = Pacer::new(tick);
        loop {
            self.pulse.beat(clock::now());
            let late = pacer.wait_next();
            if late > tick {
                tracing::debug!(late_ms = late.as_millis(), "a tick begins late");
            }
            while !self.leash.allows(self.machine.now().next()) && !self.leash.stops() {
                // The world stands still; the sockets go on being read.
                clock::pause(LOOK_EVERY);
                self.pulse.beat(clock::now());
            }
            if self.leash.stops() {
                return;
            }
            let (began, cpu_before) = (clock::now(), clock::thread_cpu());
            // Not more than one tick's worth, so that what the world could not take in is bounded too.
            for input in self.inputs.try_iter().take(self.inputs_max) {
                self.machine.push(input);
            }
            let durable = Tick(self.leash.durable.load(Ordering::Acquire));
            let ran = catch_unwind(AssertUnwindSafe(|| self.machine.tick(durable)));
            let times = TickTimes { began, sealed: clock::now() };
            self.meter.ticked(times, clock::thread_cpu().saturating_sub(cpu_before));
            if late > tick || times.sealed.since(began) > tick {
                self.meter.overran();
            }
            let (output, goes_on) = match ran {
                Ok(mut output) => {
                    output.changes.times = times;
                    (WorldOutput::Ticked(Box::new(output)), true)
                }
                Err(panic) => (WorldOutput::Failed(self.machine.failure(words_of(&*panic))), false),
            };
            if self.outputs.blocking_send(output).is_err() || !goes_on {
                return;
            }
        }
    }
}

/// What a panic said, where it said it in words.
fn words_of(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
    words.unwrap_or("it did not say why").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_stands_still_three_ticks_ahead_or_at_once_where_the_gate_is_full() {
        let leash = Leash::default();
        leash.durable.store(10, Ordering::Release);
        assert!(leash.allows(Tick(13)));
        assert!(!leash.allows(Tick(14)));
        leash.gate_full.store(true, Ordering::Release);
        assert!(!leash.allows(Tick(11)));
    }

    #[test]
    fn what_a_panic_said_is_kept() {
        let said = |panic: fn()| words_of(&*catch_unwind(panic).unwrap_err());
        assert_eq!(said(|| panic!("so it is")), "so it is");
        assert_eq!(said(|| panic!("tile {} is not there", 7)), "tile 7 is not there");
        assert_eq!(said(|| std::panic::panic_any(7)), "it did not say why");
    }
}
