//! What was sent of each kind, and what was answered.

use std::collections::BTreeMap;

use super::Kind;

/// How many wrong answers are told in full.
const EXAMPLES_MAX: usize = 10;

/// What became of the frames of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many were sent.
    pub sent: u64,
    /// How many were answered rightly, by what the answer was.
    pub answers: BTreeMap<&'static str, u64>,
    /// How many were answered in a way that is not allowed, or not at all.
    pub wrong: u64,
}

/// What became of all frames.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    counts: BTreeMap<Kind, Count>,
    /// Some of the wrong answers, in words.
    pub examples: Vec<String>,
    /// How often something came that answers nothing that was asked.
    pub stray: u64,
    /// How often a connection was lost without a reason that we gave.
    pub lost: u64,
    /// How many connections there were.
    pub visits: u64,
}

impl Tally {
    /// What became of the frames of this kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Count {
        self.counts.get(&kind).cloned().unwrap_or_default()
    }

    /// How many frames were sent that must have no effect, of the kinds that count ([`Kind::is_counted`]).
    #[must_use]
    pub fn tampered_count(&self) -> u64 {
        self.counts.iter().filter(|(kind, _)| kind.is_counted()).map(|(_, count)| count.sent).sum()
    }

    /// How many answers were wrong, missing or uncalled for.
    #[must_use]
    pub fn wrong_count(&self) -> u64 {
        self.counts.values().map(|count| count.wrong).sum::<u64>() + self.stray
    }

    pub(super) fn sent(&mut self, kind: Kind) {
        self.counts.entry(kind).or_default().sent += 1;
    }

    pub(super) fn right(&mut self, kind: Kind, answer: &'static str) {
        *self.counts.entry(kind).or_default().answers.entry(answer).or_default() += 1;
    }

    pub(super) fn wrong(&mut self, kind: Kind, what: impl FnOnce() -> String) {
        self.counts.entry(kind).or_default().wrong += 1;
        self.example(|| format!("{}: {}", kind.name(), what()));
    }

    pub(super) fn strayed(&mut self, what: impl FnOnce() -> String) {
        self.stray += 1;
        self.example(what);
    }

    fn example(&mut self, what: impl FnOnce() -> String) {
        if self.examples.len() < EXAMPLES_MAX {
            self.examples.push(what());
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        for (kind, theirs) in other.counts {
            let ours = self.counts.entry(kind).or_default();
            ours.sent += theirs.sent;
            ours.wrong += theirs.wrong;
            for (answer, count) in theirs.answers {
                *ours.answers.entry(answer).or_default() += count;
            }
        }
        for example in other.examples {
            self.example(|| example);
        }
        self.stray += other.stray;
        self.lost += other.lost;
        self.visits += other.visits;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_tallies_add_up_and_what_is_honest_or_never_answered_does_not_count() {
        let mut one = Tally::default();
        one.sent(Kind::Gap);
        one.right(Kind::Gap, "seq_gap");
        let mut other = one.clone();
        other.sent(Kind::Honest);
        other.sent(Kind::Applied);
        other.sent(Kind::Gap);
        other.wrong(Kind::Gap, || "a verdict".to_owned());
        one.add(other);
        let gap = Count { sent: 3, answers: BTreeMap::from([("seq_gap", 2)]), wrong: 1 };
        assert_eq!((one.of(Kind::Gap), one.tampered_count(), one.wrong_count()), (gap, 3, 1));
        assert_eq!(one.examples, ["gap: a verdict"]);
    }
}
