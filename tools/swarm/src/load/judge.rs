//! What `swarm load --assert` demands.

use super::report::LoadReport;

/// The longest that 95 of 100 verdicts may take, in milliseconds.
const VERDICT_P95_MAX_MS: f64 = 120.0;

/// The longest that 95 of 100 neighbours may wait for the effect, in milliseconds.
const PROPAGATION_P95_MAX_MS: f64 = 150.0;

/// The least share of the answers that must accept: otherwise the figures are those of refusals.
const ACCEPTED_SHARE_MIN: f64 = 0.9;

/// One sentence for each demand that is not met.
#[must_use]
pub fn failures(report: &LoadReport) -> Vec<String> {
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
    if report.accepted_share < ACCEPTED_SHARE_MIN {
        failures.push(format!(
            "{:.1} % of the answers accept, below {:.0} %.",
            report.accepted_share * 100.0,
            ACCEPTED_SHARE_MIN * 100.0
        ));
    }
    if report.actions.unanswered > 0 {
        failures.push(format!("{} actions are without an answer.", report.actions.unanswered));
    }
    if report.divergences > 0 {
        failures.push(format!("Copies went wrong {} times.", report.divergences));
    }
    failures
}

#[cfg(test)]
mod tests {
    use super::super::report::Percentiles;
    use super::*;

    fn good() -> LoadReport {
        let times = Percentiles { count: 10, p50: 50.0, p95: 100.0, p99: 110.0, max: 115.0 };
        LoadReport { latency_ms: times, propagation_ms: times, accepted_share: 0.95, ..LoadReport::default() }
    }

    #[test]
    fn a_good_report_has_no_failures() {
        assert_eq!(failures(&good()), Vec::<String>::new());
    }

    #[test]
    fn each_demand_fails_by_itself() {
        let spoil: [fn(&mut LoadReport); 6] = [
            |report| report.latency_ms.p95 = 120.1,
            |report| report.propagation_ms.p95 = 150.1,
            |report| report.propagation_ms.count = 0,
            |report| report.accepted_share = 0.89,
            |report| report.actions.unanswered = 1,
            |report| report.divergences = 1,
        ];
        for spoil in spoil {
            let mut report = good();
            spoil(&mut report);
            assert_eq!(failures(&report).len(), 1);
        }
    }
}
