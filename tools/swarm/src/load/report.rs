//! A load's figures, for people and for programs.

mod table;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::figures::{Figures, InView};
use super::ground::MapSize;
use crate::times::{Percentiles, float};
use crate::usage::Usage;
use crate::world::World;

/// What the bots cannot measure themselves.
pub(super) struct Circumstances {
    pub(super) world: World,
    pub(super) sessions: usize,
    pub(super) span: Duration,
    pub(super) behaviours: BTreeMap<String, usize>,
    pub(super) map: Option<MapSize>,
    pub(super) server_ms: Option<BTreeMap<String, Percentiles>>,
    pub(super) server: Option<Usage>,
    pub(super) postgres: Option<Usage>,
    pub(super) generator: Usage,
    pub(super) processes: usize,
}

/// What became of the actions.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Actions {
    /// Those that the bots' schedules have.
    pub intended: u64,
    /// Handed to a client that could take them.
    pub sent: u64,
    /// Those that took effect.
    pub accepted: u64,
    /// Those that a rule refused.
    pub rejected: u64,
    /// Those without an answer when all was over, and those that no client could take any more.
    pub unanswered: u64,
    /// Which rules refused how many.
    pub rejected_by: BTreeMap<String, u64>,
}

/// What the load generator cost, and whether it kept to its own schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Generator {
    /// Its processor cores and memory, of all of its processes together.
    #[serde(flatten)]
    pub usage: Usage,
    /// How many processes played bots.
    pub processes: usize,
    /// How much later than intended bots came to act, in the generator in which they came latest.
    pub lateness_ms: Percentiles,
}

/// Those who read slowly: in none of the bots' times, but in the server's, of its staleness.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct SlowReaders {
    /// How many there were.
    pub count: usize,
    /// What they have read since the beginning, in bytes.
    pub bytes: u64,
    /// How often one lost its connection since the beginning.
    pub losses: u64,
}

/// What came out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LoadReport {
    /// The world's game.
    pub world: String,
    /// How many bots acted on the schedule.
    pub sessions: usize,
    /// For how long it was measured, in seconds.
    pub seconds: f64,
    /// Whether the generator was so late itself that these figures say nothing.
    pub spoiled: bool,
    /// How large the map is, where there is one.
    pub map: Option<MapSize>,
    /// How many bots did what.
    pub behaviours: BTreeMap<String, usize>,
    /// How many actions of each verb were sent.
    pub mix: BTreeMap<String, u64>,
    /// What became of the actions.
    pub actions: Actions,
    /// From an action's intended time to its verdict; where there is none, for as long as it was waited for.
    pub latency_ms: Percentiles,
    /// From an action's actual hand-over to its verdict.
    pub service_ms: Percentiles,
    /// The same of all bots, where the verdict came in what was measured: what the server's own word is held against.
    pub service_within_ms: Percentiles,
    /// From the sending to the verdict, of bots that wait for each verdict: what a stall does not show in.
    pub closed_loop: Percentiles,
    /// From an action's intended time to a neighbour's decoded delta.
    pub propagation_ms: Percentiles,
    /// From the beginning of a connection to the first whole state.
    pub first_state_ms: Percentiles,
    /// From the loss of a connection that was cut on purpose to the first state on the next one, since the beginning.
    pub back_ms: Percentiles,
    /// From a tick's commit to the client's word that it has applied it, as the server measured it.
    pub staleness_ms: Option<Percentiles>,
    /// What else the server measured of itself meanwhile, by name.
    pub server_ms: Option<BTreeMap<String, Percentiles>>,
    /// How many watchers there were.
    pub watchers: usize,
    /// How many entities the median watcher has in view, itself left out: people and things.
    pub entities_in_view: usize,
    /// How many people the median watcher has in view, itself left out.
    pub people_in_view: usize,
    /// How many things the median watcher has in view.
    pub things_in_view: usize,
    /// The share of the intended actions that has an answer.
    pub answered_share: f64,
    /// The share of the intended actions that was accepted.
    pub accepted_share: f64,
    /// Answers that came in a second of what was measured.
    pub throughput_per_s: f64,
    /// Bytes that one session receives in a second.
    pub bytes_per_session_s: f64,
    /// How often a copy went wrong.
    pub divergences: u64,
    /// How often a bot came back on another connection since the beginning, for whatever reason.
    pub reconnects: u64,
    /// How many connections were cut on purpose since the beginning.
    pub cuts: u64,
    /// Those who read slowly.
    pub slow_readers: SlowReaders,
    /// What the server cost, where it is ours.
    pub server: Option<Usage>,
    /// What PostgreSQL cost, where it is ours.
    pub postgres: Option<Usage>,
    /// What the bots cost.
    pub generator: Generator,
}

impl LoadReport {
    /// The report of what all generators measured together.
    pub(super) fn new(figures: Figures, circumstances: Circumstances, slow_count: usize) -> Self {
        let rejected: u64 = figures.rejected.values().sum();
        let answered = figures.accepted + rejected;
        let seconds = circumstances.span.as_secs_f64();
        let bots: usize = circumstances.behaviours.values().sum::<usize>().saturating_sub(slow_count);
        let session_seconds = seconds * float(u64::try_from(bots).unwrap_or(u64::MAX));
        let in_view = |count: fn(&InView) -> usize| lower_median(figures.in_view.iter().map(count).collect());
        let code_name = |code| circumstances.world.code_name(code);
        let server_ms = circumstances.server_ms;
        Self {
            world: circumstances.world.game().to_owned(),
            sessions: circumstances.sessions,
            seconds,
            spoiled: super::spoiled::is_spoiled(figures.lateness.percentiles()),
            map: circumstances.map,
            behaviours: circumstances.behaviours,
            mix: figures.verbs,
            actions: Actions {
                intended: figures.intended,
                sent: figures.sent,
                accepted: figures.accepted,
                rejected,
                unanswered: figures.open + figures.unsent + figures.given_up,
                rejected_by: figures
                    .rejected
                    .iter()
                    .map(|(code, count)| (code_name(*code), *count))
                    .collect(),
            },
            latency_ms: figures.latency.percentiles(),
            service_ms: figures.service.percentiles(),
            service_within_ms: figures.service_within.percentiles(),
            closed_loop: figures.closed_loop.percentiles(),
            propagation_ms: figures.propagation.percentiles(),
            first_state_ms: figures.first_state.percentiles(),
            back_ms: figures.back.percentiles(),
            staleness_ms: server_ms.as_ref().and_then(|times| times.get("staleness").copied()),
            server_ms,
            watchers: figures.in_view.len(),
            entities_in_view: in_view(|view| view.people + view.things),
            people_in_view: in_view(|view| view.people),
            things_in_view: in_view(|view| view.things),
            answered_share: share(answered, figures.intended),
            accepted_share: share(figures.accepted, figures.intended),
            throughput_per_s: ratio(float(figures.answers_within), seconds),
            bytes_per_session_s: ratio(float(figures.bytes_received), session_seconds),
            divergences: figures.divergences,
            reconnects: figures.reconnects,
            cuts: figures.cuts,
            slow_readers: SlowReaders {
                count: slow_count,
                bytes: figures.slow_bytes,
                losses: figures.slow_losses,
            },
            server: circumstances.server,
            postgres: circumstances.postgres,
            generator: Generator {
                usage: circumstances.generator,
                processes: circumstances.processes,
                lateness_ms: figures.lateness.percentiles(),
            },
        }
    }
}

/// Half have at least that many.
fn lower_median(mut counts: Vec<usize>) -> usize {
    counts.sort_unstable();
    counts.get(counts.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

fn share(part: u64, whole: u64) -> f64 {
    ratio(float(part), float(whole))
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_watchers_the_one_who_sees_less_is_the_median() {
        assert_eq!(lower_median(vec![240, 3]), 3);
        assert_eq!(lower_median(vec![5, 240, 3]), 5);
        assert_eq!(lower_median(Vec::new()), 0);
    }
}
