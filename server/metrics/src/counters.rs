//! What is counted, and what stands at some number now. No label ever names a person, a character or a session.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// What became of an action.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ActionLabels {
    /// The verb's name; `unknown` where it is none of the game's.
    pub kind: &'static str,
    /// `accepted`, `rejected` (by a rule) or `refused` (before any rule).
    pub verdict: &'static str,
    /// The code's name; empty where it was accepted.
    pub reason: &'static str,
}

/// Why.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ReasonLabel {
    /// A code's name.
    pub reason: &'static str,
}

/// What a client that came was given.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ResyncLabels {
    /// `delta` or `snapshot`.
    pub kind: &'static str,
    /// Why a snapshot: `fresh`, `expired`, `unknown_epoch` or `diverged`; `resumed` for a delta.
    pub reason: &'static str,
}

/// Of which class.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ClassLabel {
    /// The class of a store's error.
    pub class: &'static str,
}

/// How it came out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OutcomeLabel {
    /// `committed`, `not_committed` or `fenced`.
    pub outcome: &'static str,
}

/// On what.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct DependencyLabel {
    /// `postgres` or `issuer`.
    pub dependency: &'static str,
}

/// A number that stands at something now.
pub type Level = Gauge<u64, AtomicU64>;

/// All counters and levels.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    /// Connections that said Hello.
    pub connect_attempts: Counter,
    /// Of these, those that play.
    pub connect_success: Counter,
    /// Connections that showed the token of an earlier session.
    pub reconnect_attempts: Counter,
    /// Of these, those that resumed it.
    pub reconnect_success: Counter,
    /// Clients of another build.
    pub version_reject: Counter,
    /// Access tokens that were not taken.
    pub auth_reject: Family<ReasonLabel, Counter>,
    /// Actions that were answered.
    pub action: Family<ActionLabels, Counter>,
    /// Actions that were asked again and answered from the ring.
    pub duplicates_replayed: Counter,
    /// Ticks that began later than a whole tick, or lasted longer than one.
    pub tick_overrun: Counter,
    /// Flushes that failed, or whose outcome nobody knew.
    pub flush_retries: Family<ClassLabel, Counter>,
    /// Flushes whose outcome was unknown and was looked up.
    pub ambiguous_commits: Family<OutcomeLabel, Counter>,
    /// Clients that were more than 100 ms behind and were given the present at once.
    pub state_refresh_forced: Counter,
    /// States that were sent to clients that came, or whose copy went wrong.
    pub resync: Family<ResyncLabels, Counter>,
    /// Sessions that were closed since they did not read.
    pub slow_sessions: Counter,
    /// Connections that play a character.
    pub active_sessions: Level,
    /// Actions that wait for a tick's answer.
    pub queue_depth: Level,
    /// Ticks that have run and are not durable.
    pub ticks_ahead: Level,
    /// Bytes that wait for their commit.
    pub gate_bytes: Level,
    /// Whether what the server needs answers.
    pub dependency_up: Family<DependencyLabel, Level>,
}

impl Counters {
    pub(crate) fn register(&self, registry: &mut Registry) {
        for (name, help, counter) in [
            ("connect_attempts", "Connections that said Hello", &self.connect_attempts),
            ("connect_success", "Connections that came to play", &self.connect_success),
            (
                "reconnect_attempts",
                "Connections that showed an earlier session's token",
                &self.reconnect_attempts,
            ),
            ("reconnect_success", "Connections that resumed an earlier session", &self.reconnect_success),
            ("version_reject", "Clients of another build", &self.version_reject),
            (
                "duplicates_replayed",
                "Actions asked again and answered from the ring",
                &self.duplicates_replayed,
            ),
            ("tick_overrun", "Ticks that began or ended a whole tick late", &self.tick_overrun),
            (
                "state_refresh_forced",
                "Clients over 100 ms behind given the present",
                &self.state_refresh_forced,
            ),
            ("slow_sessions", "Sessions closed since they did not read", &self.slow_sessions),
        ] {
            registry.register(name, help, counter.clone());
        }
        for (name, help, level) in [
            ("active_sessions", "Connections that play a character", &self.active_sessions),
            ("queue_depth", "Actions that wait for a tick's answer", &self.queue_depth),
            ("ticks_ahead", "Ticks that have run and are not durable", &self.ticks_ahead),
            ("gate_bytes", "Bytes that wait for their commit", &self.gate_bytes),
        ] {
            registry.register(name, help, level.clone());
        }
        registry.register("auth_reject", "Access tokens that were not taken", self.auth_reject.clone());
        registry.register("action", "Actions that were answered", self.action.clone());
        registry.register(
            "flush_retries",
            "Flushes that failed, or whose outcome nobody knew",
            self.flush_retries.clone(),
        );
        registry.register(
            "ambiguous_commits",
            "Flushes whose outcome was looked up",
            self.ambiguous_commits.clone(),
        );
        registry.register("resync", "States sent to clients that came or went wrong", self.resync.clone());
        registry.register(
            "dependency_up",
            "Whether what the server needs answers",
            self.dependency_up.clone(),
        );
    }
}
