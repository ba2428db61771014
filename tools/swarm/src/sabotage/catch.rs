//! By what a defect is noticed: by an invariant that it breaks, and by no other.

use holdfast_checker::{Finding, Findings};

use super::Defect;

/// By what a defect was noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catch {
    /// The invariants that are broken: their numbers and what they say.
    pub invariants: Vec<&'static str>,
    /// One breach of the first of them that is the defect's doing.
    pub example: String,
}

impl Catch {
    /// What the checker found, where any of it is this defect's doing. Without a defect whatever is broken counts.
    #[must_use]
    pub fn among(findings: &Findings, defect: Option<&Defect>) -> Option<Self> {
        let broken: Vec<_> = findings.invariants.iter().filter(|finding| finding.is_broken()).collect();
        let is_its_doing =
            |finding: &&&Finding| defect.is_none_or(|defect| defect.shows_in.contains(&finding.number()));
        let example = broken.iter().find(is_its_doing)?.breaches.first().cloned().unwrap_or_default();
        Some(Self { invariants: broken.iter().map(|finding| finding.invariant).collect(), example })
    }

    /// The numbers of the invariants, each once.
    pub(super) fn numbers(&self) -> Vec<&'static str> {
        let mut numbers: Vec<_> = self
            .invariants
            .iter()
            .map(|invariant| invariant.split(' ').next().unwrap_or(invariant))
            .collect();
        numbers.dedup();
        numbers
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use holdfast_checker::{Beginning, FinalState, History, check};
    use holdfast_protocol::{EntityId, ResyncKind, Seq};

    use super::*;
    use crate::sabotage::DEFECTS;

    #[test]
    fn what_was_not_looked_at_is_no_catch() {
        let findings = check(&History::default(), &Beginning::default(), &FinalState::default());
        assert_eq!(Catch::among(&findings, None), None);
    }

    #[test]
    fn who_is_slow_to_play_on_tells_of_no_defect() {
        let mut history = History::default();
        history.set_now(Duration::from_millis(1));
        history.faults_are_over();
        history.welcomed(EntityId(1), ResyncKind::SnapshotFresh, Seq(0));
        let findings = check(&history, &Beginning::default(), &FinalState::default());
        assert_eq!(findings.broken(), ["I12"]);
        assert!(Catch::among(&findings, None).is_some(), "without a defect nothing may be broken");
        for defect in DEFECTS {
            assert_eq!(Catch::among(&findings, Some(defect)), None, "{}", defect.name);
        }
    }

    #[test]
    fn each_defect_is_noticed_by_each_invariant_that_it_breaks_and_by_no_other() {
        let clean = check(&History::default(), &Beginning::default(), &FinalState::default());
        for (place, number) in clean.invariants.iter().map(Finding::number).enumerate() {
            let mut findings = clean.clone();
            let finding = &mut findings.invariants[place];
            (finding.breach_count, finding.breaches) = (1, vec!["a breach".to_owned()]);
            for defect in DEFECTS {
                let example = Catch::among(&findings, Some(defect)).map(|catch| catch.example);
                let expected = defect.shows_in.contains(&number).then(|| "a breach".to_owned());
                assert_eq!(example, expected, "{} by {number}", defect.name);
            }
        }
        let numbers: Vec<_> = clean.invariants.iter().map(Finding::number).collect();
        for number in DEFECTS.iter().flat_map(|defect| defect.shows_in) {
            assert!(numbers.contains(number) && !["I10", "I12"].contains(number), "{number}");
        }
    }
}
