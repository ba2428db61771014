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
    /// Whether a snapshot was wished for that has not come.
    wishes: bool,
}

impl Default for Model {
    fn default() -> Self {
        Self { next: Seq(1), decided: BTreeMap::new(), waiting: Vec::new(), wishes: false }
    }
}

impl Model {
    /// A connection begins, and the world says how far it is. What the last connection left open stays so.
    pub(super) fn welcomed(&mut self, last_seq: Seq) {
        self.next = last_seq.next();
        self.decided.retain(|seq, _| *seq <= last_seq);
        self.waiting.clear();
        self.wishes = false;
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

    /// A snapshot is wished for.
    pub(super) fn wished(&mut self) {
        self.wishes = true;
    }

    /// A frame has come, or a part of one: a judgement where it is the snapshot that was wished for.
    pub(super) fn frame(&mut self, is_snapshot: bool) -> Option<Judgement> {
        (is_snapshot && std::mem::take(&mut self.wishes))
            .then_some(Judgement::Right(Kind::Resync, "a snapshot"))
    }

    /// How many answers are due.
    pub(super) fn waiting_count(&self) -> usize {
        self.waiting.len() + usize::from(self.wishes)
    }

    /// Nobody waits any longer: the kinds of what has no answer.
    pub(super) fn give_up(&mut self) -> Vec<Kind> {
        let wish = std::mem::take(&mut self.wishes).then_some(Kind::Resync);
        self.waiting.drain(..).map(|waiting| waiting.kind).chain(wish).collect()
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
mod tests;
