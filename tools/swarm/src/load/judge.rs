//! What a load is held to: always, and by `swarm load --assert`.

use super::report::LoadReport;

/// The longest that 95 of 100 verdicts may take, in milliseconds.
const VERDICT_P95_MAX_MS: f64 = 120.0;

/// The longest that 95 of 100 neighbours may wait for the effect, in milliseconds.
const PROPAGATION_P95_MAX_MS: f64 = 150.0;

/// The least share of the intended actions that must be accepted: otherwise the figures are those of refusals, or of a
/// world that nobody was in.
const ACCEPTED_SHARE_MIN: f64 = 0.9;

/// From so many sessions on, bots must not be so far apart that they cost the server nothing.
const CROWD_SESSIONS: usize = 1_500;

/// How many people the median watcher of a crowd must have in view at least.
const CROWD_IN_VIEW_MIN: usize = 100;

/// How far the server's own word on its latency may be from what its clients measured: this share of it, and besides this
/// many milliseconds, which are the way to and fro and the clients' own.
const DIFFERENCE_SHARE_MAX: f64 = 0.05;
const DIFFERENCE_MAX_MS: f64 = 2.0;

/// How far the means of the stages, added up, may be from the mean of the whole: what three digits lose.
const STAGES_SHARE_MAX: f64 = 0.01;

/// The stages of an action, as the server calls them.
const STAGES: [&str; 5] = ["action_queue", "action_tick", "action_commit", "action_gate", "action_socket"];

/// One sentence for each demand that is not met and without which a load is none.
#[must_use]
pub fn failures(report: &LoadReport) -> Vec<String> {
    let mut failures = Vec::new();
    if report.accepted_share < ACCEPTED_SHARE_MIN {
        failures.push(format!(
            "{:.1} % of the intended actions were accepted, below {:.0} %.",
            report.accepted_share * 100.0,
            ACCEPTED_SHARE_MIN * 100.0
        ));
    }
    let has_views = report.map.is_some() && report.sessions >= CROWD_SESSIONS;
    if has_views && report.people_in_view < CROWD_IN_VIEW_MIN {
        failures.push(format!(
            "The median watcher has {} people in view, below {CROWD_IN_VIEW_MIN}.",
            report.people_in_view
        ));
    }
    failures
}

/// One sentence for each demand of `--assert` that is not met.
#[must_use]
pub fn unmet_bounds(report: &LoadReport) -> Vec<String> {
    let mut failures = Vec::new();
    for (name, times, most) in [
        ("verdict", report.latency_ms, VERDICT_P95_MAX_MS),
        ("neighbour's delta", report.propagation_ms, PROPAGATION_P95_MAX_MS),
    ] {
        if times.count == 0 {
            failures.push(format!("No {name} was measured."));
        } else if times.p95 > most {
            failures.push(format!("The p95 to the {name} is {:.1} ms, above {most:.0} ms.", times.p95));
        }
    }
    failures.extend(disagreements(report));
    if report.actions.unanswered > 0 {
        failures.push(format!("{} actions are without an answer.", report.actions.unanswered));
    }
    if report.divergences > 0 {
        failures.push(format!("Copies went wrong {} times.", report.divergences));
    }
    failures
}

/// One sentence for each way in which what the server measured is not what its clients did, or not the sum of its parts.
fn disagreements(report: &LoadReport) -> Vec<String> {
    let Some(server) = &report.server_ms else { return Vec::new() };
    let Some(whole) = server.get("action_latency").filter(|whole| whole.count > 0) else {
        return vec!["The server says nothing of its actions' latency.".to_owned()];
    };
    let mut found = Vec::new();
    for (name, theirs, ours) in
        [("p50", report.service_within_ms.p50, whole.p50), ("p95", report.service_within_ms.p95, whole.p95)]
    {
        if (theirs - ours).abs() > theirs * DIFFERENCE_SHARE_MAX + DIFFERENCE_MAX_MS {
            found.push(format!(
                "Clients measured {theirs:.1} ms ({name}) where the server says {ours:.1} ms."
            ));
        }
    }
    let sum: f64 = STAGES.iter().filter_map(|stage| server.get(*stage)).map(|stage| stage.mean).sum();
    if (sum - whole.mean).abs() > whole.mean * STAGES_SHARE_MAX {
        found
            .push(format!("The stages add up to {sum:.2} ms (mean), and the whole is {:.2} ms.", whole.mean));
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::ground::MapSize;
    use super::*;
    use crate::times::Percentiles;

    fn good() -> LoadReport {
        let times = Percentiles { count: 10, mean: 55.0, p50: 50.0, p95: 100.0, p99: 110.0, max: 115.0 };
        LoadReport {
            sessions: 1_500,
            map: Some(MapSize::default()),
            people_in_view: 100,
            latency_ms: times,
            propagation_ms: times,
            service_within_ms: times,
            server_ms: Some(server(times)),
            accepted_share: 0.95,
            ..LoadReport::default()
        }
    }

    /// What a server says whose actions take that long, all of it in two stages.
    fn server(whole: Percentiles) -> BTreeMap<String, Percentiles> {
        let part = |mean| Percentiles { mean, ..whole };
        let stages = [("action_queue", part(25.0)), ("action_commit", part(30.0)), ("action_latency", whole)];
        stages.map(|(name, times)| (name.to_owned(), times)).into()
    }

    fn all(report: &LoadReport) -> Vec<String> {
        [failures(report), unmet_bounds(report)].concat()
    }

    #[test]
    fn a_good_report_has_no_failures() {
        assert_eq!(all(&good()), Vec::<String>::new());
    }

    #[test]
    fn each_demand_fails_by_itself() {
        let spoil: [fn(&mut LoadReport); 11] = [
            |report| report.server_ms = Some(BTreeMap::new()),
            |report| report.latency_ms.p95 = 120.1,
            |report| report.propagation_ms.p95 = 150.1,
            |report| report.propagation_ms.count = 0,
            |report| report.accepted_share = 0.89,
            |report| report.actions.unanswered = 1,
            |report| report.divergences = 1,
            |report| report.people_in_view = 99,
            |report| report.service_within_ms.p50 = 54.8,
            |report| report.service_within_ms.p95 = 107.5,
            |report| {
                let server = report.server_ms.iter_mut().flatten();
                server.filter(|(name, _)| *name == "action_commit").for_each(|(_, times)| times.mean = 29.0);
            },
        ];
        for spoil in spoil {
            let mut report = good();
            spoil(&mut report);
            assert_eq!(all(&report).len(), 1);
        }
    }

    #[test]
    fn few_may_see_little() {
        let report = LoadReport { sessions: 1_499, people_in_view: 3, ..good() };
        assert_eq!(failures(&report), Vec::<String>::new());
    }
}
