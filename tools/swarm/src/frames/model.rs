//! What a world has to answer to each action of a character that one client alone plays.
//!
//! Actions of one connection are decided in the order in which they were sent. So it is known beforehand which of them is
//! the next, which was decided before, and which comes too early. It is nothing but the protocol's word on numbers,
//! nonces and the 64 verdicts that are kept; the code is nobody's but this file's.

use std::collections::BTreeMap;

use holdfast_protocol::{ActionName, Code, Nonce, Refusal, Seq, UNANSWERED_MAX, Verdict};

use super::Kind;

/// What is known of an action that was decided.
#[derive(Clone, Copy, Debug)]
struct Decided {
    nonce: Nonce,
    /// Its verdict, once it is known: every other must equal it.
    verdict: Option<Verdict>,
}

/// An answer that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Verdict,
    Refusal(Code, Seq),
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    name: ActionName,
    kind: Kind,
    due: Due,
    /// Whether it may be turned away unread, since more were sent than anybody may.
    is_too_fast: bool,
}

/// How an answer is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// It is the one that was due.
    Right(Kind, &'static str),
    /// Something else was due to a frame of this kind.
    Wrong(Kind, String),
    /// Nothing was asked that this would answer.
    Stray(String),
}

/// What a world knows of a character's actions, and which answers it owes.
#[derive(Debug)]
pub(super) struct Model {
    next: Seq,
    /// The last 64 at most.
    decided: BTreeMap<Seq, Decided>,
    /// As many as were sent and not yet answered: a visit's worth at most.
    waiting: Vec<Waiting>,
}

impl Default for Model {
    fn default() -> Self {
        Self { next: Seq(1), decided: BTreeMap::new(), waiting: Vec::new() }
    }
}

impl Model {
    /// A connection begins, and the world says how far it is. What the last connection left open stays so.
    pub(super) fn welcomed(&mut self, last_seq: Seq) {
        self.next = last_seq.next();
        self.decided.retain(|seq, _| *seq <= last_seq);
        self.waiting.clear();
    }

    /// The number of the next action.
    pub(super) fn next(&self) -> Seq {
        self.next
    }

    /// The number of some action that was decided and is still kept, and its nonce.
    pub(super) fn kept(&self, place: usize) -> Option<ActionName> {
        let (seq, decided) = self.decided.iter().nth(place % self.decided.len().max(1))?;
        Some(ActionName { seq: *seq, nonce: decided.nonce })
    }

    /// The newest number whose verdict is no longer kept; zero, which never was one, where all are.
    pub(super) fn newest_expired(&self) -> Seq {
        Seq(self.next.0.saturating_sub(1 + UNANSWERED_MAX as u64))
    }

    /// An action is sent.
    pub(super) fn sent(&mut self, name: ActionName, kind: Kind, is_too_fast: bool) {
        let due = self.decide(name);
        self.waiting.push(Waiting { name, kind, due, is_too_fast });
    }

    fn decide(&mut self, name: ActionName) -> Due {
        if name.seq == self.next {
            self.next = self.next.next();
            self.decided.insert(name.seq, Decided { nonce: name.nonce, verdict: None });
            while self.decided.len() > UNANSWERED_MAX {
                self.decided.pop_first();
            }
            return Due::Verdict;
        }
        if name.seq > self.next {
            return Due::Refusal(Code::SEQ_GAP, self.next);
        }
        match self.decided.get(&name.seq) {
            Some(decided) if decided.nonce == name.nonce => Due::Verdict,
            Some(_) => Due::Refusal(Code::SEQ_CONFLICT, Seq(0)),
            None => Due::Refusal(Code::SEQ_EXPIRED, Seq(0)),
        }
    }

    /// How many answers are due.
    pub(super) fn waiting_count(&self) -> usize {
        self.waiting.len()
    }

    /// Nobody waits any longer: the kinds of what has no answer.
    pub(super) fn give_up(&mut self) -> Vec<Kind> {
        self.waiting.drain(..).map(|waiting| waiting.kind).collect()
    }

    /// A verdict has come.
    pub(super) fn verdict(&mut self, verdict: &Verdict) -> Judgement {
        let Some(waiting) = self.take(verdict.action, |due| due == Due::Verdict) else {
            return Judgement::Stray(format!("a verdict for {:?}, which was not asked", verdict.action));
        };
        if waiting.due != Due::Verdict {
            return Judgement::Wrong(
                waiting.kind,
                format!("a verdict for {:?}, not {:?}", verdict.action, waiting.due),
            );
        }
        let Some(decided) = self.decided.get_mut(&verdict.action.seq) else {
            return Judgement::Right(waiting.kind, "verdict");
        };
        match *decided.verdict.get_or_insert(*verdict) {
            first if first == *verdict => Judgement::Right(waiting.kind, "verdict"),
            first => Judgement::Wrong(waiting.kind, format!("{verdict:?}, and {first:?} before")),
        }
    }

    /// A refusal has come.
    pub(super) fn refusal(&mut self, refusal: &Refusal) -> Judgement {
        let said = Due::Refusal(refusal.code, refusal.expected);
        let Some(waiting) = self.take(refusal.action, |due| due == said) else {
            return Judgement::Stray(format!("{refusal:?}, which was not asked"));
        };
        let is_unread = matches!(refusal.code, Code::RATE_LIMITED | Code::BUSY);
        if waiting.due == said || (waiting.is_too_fast && is_unread && refusal.expected == Seq(0)) {
            let name = refusal.code.engine_entry().map_or("an unknown code", |entry| entry.name);
            return Judgement::Right(waiting.kind, name);
        }
        Judgement::Wrong(waiting.kind, format!("{refusal:?}, not {:?}", waiting.due))
    }

    /// The first of this name to which such an answer is due; where none is, the first to which another is.
    fn take(&mut self, name: ActionName, is_due: impl Fn(Due) -> bool) -> Option<Waiting> {
        let is_named = |waiting: &&Waiting| waiting.name == name;
        let due = self.waiting.iter().position(|waiting| is_named(&waiting) && is_due(waiting.due));
        let place = due.or_else(|| self.waiting.iter().position(|waiting| is_named(&waiting)))?;
        Some(self.waiting.remove(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(seq: u64, nonce: u32) -> ActionName {
        ActionName { seq: Seq(seq), nonce: Nonce(nonce) }
    }

    fn verdict(seq: u64, code: u16) -> Verdict {
        Verdict { action: name(seq, 7), code: Code(code), detail: [0; 4] }
    }

    fn refusal(name: ActionName, code: Code, expected: u64) -> Refusal {
        Refusal { action: name, code, retry_after_ms: 0, expected: Seq(expected) }
    }

    #[test]
    fn the_next_action_has_its_verdict_and_has_it_again() {
        let mut model = Model::default();
        model.sent(name(1, 7), Kind::Honest, false);
        model.sent(name(1, 7), Kind::Duplicated, false);
        assert_eq!(model.verdict(&verdict(1, 0)), Judgement::Right(Kind::Honest, "verdict"));
        assert!(
            matches!(model.verdict(&verdict(1, 257)), Judgement::Wrong(Kind::Duplicated, _)),
            "another one"
        );
        assert!(matches!(model.verdict(&verdict(1, 0)), Judgement::Stray(_)), "a third one");
    }

    #[test]
    fn an_early_action_is_refused_with_the_next_number_and_nothing_else() {
        let mut model = Model::default();
        for _ in 0..3 {
            model.sent(name(3, 7), Kind::Reordered, false);
        }
        let right = refusal(name(3, 7), Code::SEQ_GAP, 1);
        assert_eq!(model.refusal(&right), Judgement::Right(Kind::Reordered, "seq_gap"));
        let told_early = refusal(name(3, 7), Code::SEQ_GAP, 2);
        assert!(matches!(model.refusal(&told_early), Judgement::Wrong(..)));
        assert!(matches!(model.verdict(&verdict(3, 0)), Judgement::Wrong(..)), "it was done too early");
    }

    #[test]
    fn an_old_number_is_a_conflict_and_a_very_old_one_is_forgotten() {
        let mut model = Model::default();
        for seq in 1..=65 {
            model.sent(name(seq, 7), Kind::Honest, false);
        }
        assert_eq!(model.newest_expired(), Seq(1));
        model.sent(name(2, 8), Kind::OtherNonce, false);
        model.sent(name(1, 7), Kind::Expired, false);
        let conflict = refusal(name(2, 8), Code::SEQ_CONFLICT, 0);
        assert_eq!(model.refusal(&conflict), Judgement::Right(Kind::OtherNonce, "seq_conflict"));
        let expired = refusal(name(1, 7), Code::SEQ_EXPIRED, 0);
        assert!(matches!(model.refusal(&expired), Judgement::Right(Kind::Expired, "seq_expired")));
    }

    #[test]
    fn only_who_was_too_fast_may_be_told_so() {
        let mut model = Model::default();
        model.sent(name(9, 7), Kind::Gap, true);
        model.sent(name(9, 7), Kind::Gap, false);
        let too_fast = refusal(name(9, 7), Code::RATE_LIMITED, 0);
        assert_eq!(model.refusal(&too_fast), Judgement::Right(Kind::Gap, "rate_limited"));
        assert!(matches!(model.refusal(&too_fast), Judgement::Wrong(..)));
        assert_eq!(model.give_up(), []);
    }

    #[test]
    fn a_welcome_says_how_far_the_world_is() {
        let mut model = Model::default();
        model.sent(name(1, 7), Kind::Honest, false);
        model.sent(name(2, 7), Kind::Honest, false);
        model.welcomed(Seq(1));
        assert_eq!((model.next(), model.waiting_count()), (Seq(2), 0));
        assert_eq!(model.kept(5), Some(name(1, 7)));
    }
}
