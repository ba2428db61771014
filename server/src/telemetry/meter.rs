//! The meter: what the core measures, written down under the names that operators know.
//!
//! State machines say what they measured as effects, sockets and the world's thread as calls; all of it ends here. Nothing in
//! here is ever asked by whoever decides something.

use std::collections::HashMap;
use std::time::Duration;

use holdfast_front::{ActionTimes, AnswerSort, Front, Measurement, Moment, TickTimes};
use holdfast_metrics::counters::{ClassLabel, DependencyLabel, OutcomeLabel, ReasonLabel, ResyncLabels};
use holdfast_metrics::{ActionLabels, Instruments};
use holdfast_protocol::error::ENGINE_CODES;
use holdfast_protocol::{Category, Code, CodeEntry, ResyncKind};

use crate::action::Verbs;
use crate::app::Game;
use crate::persistence::store::StoreErrorClass;
use crate::persistence::writer::{FlushMeasurement, Resolution};

/// What a label says where there is no name.
const UNKNOWN: &str = "unknown";

/// The instruments of one server, and the names of one game.
#[derive(Debug)]
pub struct Meter {
    instruments: Instruments,
    verbs: HashMap<u8, &'static str>,
    codes: HashMap<Code, &'static str>,
}

impl Meter {
    /// A meter for this game, at nothing.
    #[must_use]
    pub fn of<G: Game>() -> Self {
        Self::new(G::Verbs::wire().into_iter().map(|(tag, name, _)| (tag, name)), &G::Verbs::codes())
    }

    /// A meter for a game of these verbs, by tag, and these codes beside the engine's.
    #[must_use]
    pub fn new(verbs: impl IntoIterator<Item = (u8, &'static str)>, codes: &[CodeEntry]) -> Self {
        let names = ENGINE_CODES.iter().chain(codes).map(|entry| (entry.code, entry.name));
        Self { instruments: Instruments::new(), verbs: verbs.into_iter().collect(), codes: names.collect() }
    }

    /// The instruments, to be read.
    #[must_use]
    pub fn instruments(&self) -> &Instruments {
        &self.instruments
    }

    /// The front has measured something.
    pub fn front(&self, measurement: Measurement) {
        let Instruments { counters, histograms, .. } = &self.instruments;
        match measurement {
            Measurement::Answered { verb, code, answer } => self.answered(verb, code, answer),
            Measurement::Returned => {
                counters.reconnect_attempts.inc();
            }
            Measurement::Welcomed { resumed } => {
                counters.connect_success.inc();
                counters.reconnect_success.inc_by(u64::from(resumed));
            }
            Measurement::Synced { kind, took, bytes } => {
                counters.resync.get_or_create(&resync_labels(kind)).inc();
                histograms.resync_bytes.record_value(u64::try_from(bytes).unwrap_or(u64::MAX));
                let timing = if kind == ResyncKind::SnapshotFresh {
                    &histograms.first_state
                } else {
                    &histograms.resync
                };
                timing.record(took);
            }
            Measurement::Applied { staleness } => histograms.staleness.record(staleness),
            Measurement::RefreshForced => {
                counters.state_refresh_forced.inc();
            }
            Measurement::SlowSession => {
                counters.slow_sessions.inc();
            }
        }
    }

    fn answered(&self, verb: Option<u8>, code: Code, answer: AnswerSort) {
        let counters = &self.instruments.counters;
        if answer == AnswerSort::Replayed {
            counters.duplicates_replayed.inc();
            return;
        }
        let verdict = match answer {
            AnswerSort::Refused => "refused",
            _ if code == Code::ACCEPTED => "accepted",
            _ => "rejected",
        };
        let labels = ActionLabels {
            kind: verb.and_then(|tag| self.verbs.get(&tag)).copied().unwrap_or(UNKNOWN),
            verdict,
            reason: if code == Code::ACCEPTED { "" } else { self.name_of(code) },
        };
        counters.action.get_or_create(&labels).inc();
    }

    /// The writer has measured something.
    pub fn flush(&self, measurement: FlushMeasurement) {
        let Instruments { counters, histograms, .. } = &self.instruments;
        match measurement {
            FlushMeasurement::Flushed { took, rows } => {
                histograms.flush.record(took);
                histograms.flush_rows.record_value(u64::try_from(rows).unwrap_or(u64::MAX));
                self.dependency("postgres", true);
            }
            FlushMeasurement::Failed(class) => {
                counters.flush_retries.get_or_create(&ClassLabel { class: class_name(class) }).inc();
                let is_away = matches!(class, StoreErrorClass::RetryLater | StoreErrorClass::Unknown);
                self.dependency("postgres", !is_away);
            }
            FlushMeasurement::Resolved(resolution) => {
                let outcome = match resolution {
                    Resolution::Committed => "committed",
                    Resolution::NotCommitted => "not_committed",
                    Resolution::Fenced => "fenced",
                };
                counters.ambiguous_commits.get_or_create(&OutcomeLabel { outcome }).inc();
            }
            FlushMeasurement::Unreachable => self.dependency("postgres", false),
        }
    }

    /// Whether something that the server needs answers.
    pub fn dependency(&self, dependency: &'static str, is_up: bool) {
        let level = self.instruments.counters.dependency_up.get_or_create(&DependencyLabel { dependency });
        level.set(u64::from(is_up));
    }

    /// How much there is of everything that has a level.
    pub fn levels(&self, front: &Front) {
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let counters = &self.instruments.counters;
        counters.active_sessions.set(number(front.session_count()));
        counters.queue_depth.set(number(front.queued_action_count()));
        counters.ticks_ahead.set(number(front.ticks_ahead()));
        counters.gate_bytes.set(number(front.gate_bytes()));
    }

    /// No world runs any more, or none yet.
    pub fn nothing_runs(&self) {
        let counters = &self.instruments.counters;
        for level in
            [&counters.active_sessions, &counters.queue_depth, &counters.ticks_ahead, &counters.gate_bytes]
        {
            level.set(0);
        }
    }

    /// A tick has run.
    pub fn ticked(&self, times: TickTimes, cpu: Duration) {
        self.instruments.histograms.tick.record(times.sealed.since(times.began));
        self.instruments.histograms.tick_cpu.record(cpu);
    }

    /// A tick began a whole tick late, or took longer than one.
    pub fn overran(&self) {
        self.instruments.counters.tick_overrun.inc();
    }

    /// A message is with the kernel that answers these actions, and was handed to its socket at `handed`.
    pub fn written(&self, answers: &[ActionTimes], handed: Moment, now: Moment) {
        for times in answers {
            let ActionTimes { heard, began, sealed, durable, socket_was_busy } = *times;
            // It may have come while the tick that drained it was draining.
            let began = began.max(heard);
            let ready = if socket_was_busy { durable } else { handed };
            let stages = [
                began.since(heard),
                sealed.since(began),
                durable.since(sealed),
                ready.since(durable),
                now.since(ready),
            ];
            self.instruments.record_action(stages, now.since(heard));
        }
    }

    /// Somebody has said Hello.
    pub fn greeted(&self) {
        self.instruments.counters.connect_attempts.inc();
    }

    /// Somebody is turned away before anybody knows who they are.
    pub fn turned_away(&self, code: Code, category: Category) {
        let counters = &self.instruments.counters;
        match category {
            Category::Version => {
                counters.version_reject.inc();
            }
            // Who says nothing shows no token.
            Category::Auth if code != Code::HELLO_TIMEOUT => {
                counters.auth_reject.get_or_create(&ReasonLabel { reason: self.name_of(code) }).inc();
            }
            _ => {}
        }
    }

    fn name_of(&self, code: Code) -> &'static str {
        self.codes.get(&code).copied().unwrap_or(UNKNOWN)
    }
}

fn resync_labels(kind: ResyncKind) -> ResyncLabels {
    let (kind, reason) = match kind {
        ResyncKind::Delta => ("delta", "resumed"),
        ResyncKind::SnapshotFresh => ("snapshot", "fresh"),
        ResyncKind::SnapshotExpired => ("snapshot", "expired"),
        ResyncKind::SnapshotUnknownEpoch => ("snapshot", "unknown_epoch"),
        ResyncKind::SnapshotDiverged => ("snapshot", "diverged"),
    };
    ResyncLabels { kind, reason }
}

fn class_name(class: StoreErrorClass) -> &'static str {
    match class {
        StoreErrorClass::RetryNow => "retry_now",
        StoreErrorClass::RetryLater => "retry_later",
        StoreErrorClass::Unknown => "unknown",
        StoreErrorClass::Fenced => "fenced",
        StoreErrorClass::Permanent => "permanent",
        StoreErrorClass::Halt => "halt",
    }
}
