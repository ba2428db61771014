//! When a load says nothing: a generator was so late itself that it measured only that.

use serde::Serialize;

use super::report::LoadReport;
use crate::times::Percentiles;

/// A bot that came later than this to its actions, in more than 1 of 100 cases, was held up by its generator: what it
/// measured says nothing of the server. In milliseconds.
const LATE_P99_MAX_MS: f64 = 10.0;

/// What is left of such a load. It has no figures, so that nobody takes them for some.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spoiled {
    /// Always true.
    pub spoiled: bool,
    /// The world's game.
    pub world: String,
    /// How many bots acted on the schedule.
    pub sessions: usize,
    /// How much later than intended bots came to act, where they came latest.
    pub lateness_ms: Percentiles,
    /// Why there is nothing to report, in a sentence.
    pub reason: String,
}

/// Whether generators of which the latest was so late say nothing; as where it is not known of one how late it was.
pub(super) fn is_spoiled(lateness: Percentiles) -> bool {
    lateness.count == 0 || lateness.p99 > LATE_P99_MAX_MS
}

/// What is left of a load where the generator was so late itself that there is nothing to report.
#[must_use]
pub fn spoiled(report: &LoadReport) -> Option<Spoiled> {
    let lateness_ms = report.generator.lateness_ms;
    let reason = if lateness_ms.count == 0 {
        "A generator did not measure how late it was itself, so that its figures say nothing.".to_owned()
    } else {
        format!(
            "A generator itself was {:.1} ms late (p99), above {LATE_P99_MAX_MS:.0} ms, so that its figures say nothing: take \
             fewer bots, or more --generators where processors are idle.",
            lateness_ms.p99
        )
    };
    report.spoiled.then(|| Spoiled {
        spoiled: true,
        world: report.world.clone(),
        sessions: report.sessions,
        lateness_ms,
        reason,
    })
}

#[cfg(test)]
mod tests {
    use super::super::report::Generator;
    use super::*;

    fn late(count: u64, p99: f64) -> Percentiles {
        Percentiles { count, mean: 1.0, p50: 1.0, p95: 2.0, p99, max: 300.0 }
    }

    #[test]
    fn a_generator_that_is_late_itself_spoils_its_figures() {
        assert!(!is_spoiled(late(10, 10.0)));
        assert!(is_spoiled(late(10, 10.1)));
        assert!(is_spoiled(Percentiles::default()), "what was not measured is not good");
    }

    #[test]
    fn of_a_spoiled_load_no_figures_are_left() {
        let generator = Generator { lateness_ms: late(10, 20.0), ..Generator::default() };
        let report = LoadReport { spoiled: true, generator, ..LoadReport::default() };
        let left = serde_json::to_value(spoiled(&report)).unwrap();
        let mut names: Vec<_> = left.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["lateness_ms", "reason", "sessions", "spoiled", "world"]);
        assert_eq!(spoiled(&LoadReport { spoiled: false, ..report }), None);
    }
}
