//! The actions that a client has no answer to: numbered, kept, sent, and sent again until each has its answer.
//!
//! Where it stands in the data path: an action goes in here before anything is sent, and leaves by a verdict or by
//! being given up. An action keeps its name over connections, so that the world answers it exactly once however often
//! it is sent.

use std::collections::VecDeque;
use std::time::Duration;

use holdfast_protocol::{
    Act, ActionName, Blob, CLIENT_FRAME_BYTES_MAX, ClientMessage, Code, Nonce, Refusal, Seq, UNANSWERED_MAX,
    Welcome, encode,
};
use rand::Rng;
use serde::{Deserialize, Serialize};

/// How many bytes an action may have: the rest of the frame is its name and length.
pub const ACTION_BYTES_MAX: usize = CLIENT_FRAME_BYTES_MAX - 64;

/// How long an action waits that was refused as too much at once, where the server names no time.
const RETRY_WAIT_MIN: Duration = Duration::from_millis(50);

/// Why an action cannot be taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotAct {
    /// [`UNANSWERED_MAX`] actions wait for their answers: wait for one of them first.
    #[error("{UNANSWERED_MAX} actions are without an answer already")]
    Full,
    /// No server has said yet which `seq` comes next.
    #[error("no server has welcomed this character yet")]
    NotWelcomed,
    /// The action is larger than a frame may be.
    #[error("an action has at most {ACTION_BYTES_MAX} bytes")]
    TooLarge,
}

/// An action that will not be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenUp {
    /// Which action.
    pub action: ActionName,
    /// `seq_conflict`, `seq_expired` or `seq_gap`: why it can no longer be answered as this client's.
    pub code: Code,
}

/// What outlives the process that made the actions: hand it to [`Unanswered::from_kept`] after a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptActions {
    next_seq: Option<Seq>,
    actions: Vec<(ActionName, Blob)>,
}

/// The list of unanswered actions, in `seq` order, and how far it has been sent on this connection.
#[derive(Clone, Debug)]
pub struct Unanswered {
    next_seq: Option<Seq>,
    /// At most [`UNANSWERED_MAX`].
    actions: VecDeque<(ActionName, Blob)>,
    /// How many of them have been sent on this connection.
    sent: usize,
    /// How many may be under way at once. One after a refusal, one more with each verdict: a client that is too fast
    /// finds the pace that it is allowed instead of sending everything again each time.
    window: usize,
    /// The action that was refused and has no answer yet. What followed it was refused with it, and says nothing new.
    rewound_to: Option<Seq>,
    not_before: Duration,
}

impl Default for Unanswered {
    fn default() -> Self {
        Self::from_kept(KeptActions::default())
    }
}

impl Unanswered {
    /// Goes on with what was kept. Beyond [`UNANSWERED_MAX`] actions nothing is taken over: the world could not answer
    /// the oldest any more.
    #[must_use]
    pub fn from_kept(kept: KeptActions) -> Self {
        let actions = if kept.actions.len() > UNANSWERED_MAX { Vec::new() } else { kept.actions };
        Self {
            next_seq: kept.next_seq,
            actions: actions.into(),
            sent: 0,
            window: UNANSWERED_MAX,
            rewound_to: None,
            not_before: Duration::ZERO,
        }
    }

    /// What must outlive this process.
    #[must_use]
    pub fn keep(&self) -> KeptActions {
        KeptActions { next_seq: self.next_seq, actions: self.actions.iter().cloned().collect() }
    }

    /// Takes in an action and names it.
    ///
    /// # Errors
    /// Where too many are without an answer, none can be named yet, or this one fits no frame. Nothing is kept then.
    pub fn act(&mut self, action: Vec<u8>, rng: &mut impl Rng) -> Result<ActionName, CannotAct> {
        if action.len() > ACTION_BYTES_MAX {
            return Err(CannotAct::TooLarge);
        }
        if self.actions.len() >= UNANSWERED_MAX {
            return Err(CannotAct::Full);
        }
        let seq = self.next_seq.ok_or(CannotAct::NotWelcomed)?;
        let name = ActionName { seq, nonce: Nonce(rng.next_u32()) };
        self.next_seq = Some(seq.next());
        self.actions.push_back((name, Blob(action)));
        Ok(name)
    }

    /// A connection begins, and everything is sent again from the oldest on. Returns what is given up: all of it,
    /// where another device has used the oldest one's place, where it is too old to be answered, or where the world does
    /// not reach up to it.
    pub fn welcome(&mut self, welcome: &Welcome) -> Vec<GivenUp> {
        self.sent = 0;
        self.window = UNANSWERED_MAX;
        self.rewound_to = None;
        self.not_before = Duration::ZERO;
        let next = welcome.last_seq.next();
        let oldest = self.oldest().map(|oldest| oldest.seq);
        let given_up = match oldest {
            // A world that was restored from a backup has lost what came before.
            Some(oldest) if oldest > next => self.give_up_all(Code::SEQ_GAP),
            Some(oldest) if welcome.conflict => {
                let is_forgotten = oldest.0 + (UNANSWERED_MAX as u64) <= welcome.last_seq.0;
                self.give_up_all(if is_forgotten { Code::SEQ_EXPIRED } else { Code::SEQ_CONFLICT })
            }
            _ => Vec::new(),
        };
        self.next_seq = Some(match self.actions.back() {
            Some((newest, _)) => next.max(newest.seq.next()),
            None => next,
        });
        given_up
    }

    /// A verdict has come. Returns whether this action waited for one; a second answer to the same action is none.
    pub fn retire(&mut self, action: ActionName) -> bool {
        if !self.remove(action) {
            return false;
        }
        self.window = (self.window + 1).min(UNANSWERED_MAX);
        true
    }

    /// An action was turned away. Either it is sent again, with all that follow it, or it is given up.
    pub fn refuse(&mut self, now: Duration, refusal: &Refusal) -> Vec<GivenUp> {
        let Some(place) = self.place_of(refusal.action) else { return Vec::new() };
        match refusal.code {
            Code::SEQ_CONFLICT | Code::SEQ_EXPIRED => {
                self.remove(refusal.action);
                vec![GivenUp { action: refusal.action, code: refusal.code }]
            }
            Code::SEQ_GAP => self.close_gap(now, refusal),
            _ => {
                self.rewind(now, refusal.action.seq, place, refusal.retry_after_ms);
                Vec::new()
            }
        }
    }

    /// The world expects an earlier action than the one that it turned away.
    fn close_gap(&mut self, now: Duration, refusal: &Refusal) -> Vec<GivenUp> {
        if self.oldest().is_some_and(|oldest| refusal.expected < oldest.seq) {
            // What is missing was never this client's: no sending again will ever close the gap.
            self.next_seq = Some(refusal.expected);
            return self.give_up_all(Code::SEQ_GAP);
        }
        let place = self.actions.partition_point(|(name, _)| name.seq < refusal.expected);
        if let Some((first, _)) = self.actions.get(place)
            && place < self.sent
            && self.rewound_to.is_none_or(|seq| first.seq < seq)
        {
            self.rewound_to = Some(first.seq);
            self.sent = place;
            self.not_before = self.not_before.max(now + wait(refusal.retry_after_ms));
        }
        Vec::new()
    }

    fn rewind(&mut self, now: Duration, seq: Seq, place: usize, retry_after_ms: u32) {
        if place >= self.sent {
            // It was refused along with an earlier one, and is going to be sent again with that.
            return;
        }
        self.rewound_to = Some(seq);
        self.sent = place;
        self.window = 1;
        self.not_before = self.not_before.max(now + wait(retry_after_ms).max(RETRY_WAIT_MIN));
    }

    /// The next message to send; none where all is sent, or the time for more has not come.
    pub fn next_send(&mut self, now: Duration) -> Option<Vec<u8>> {
        if now < self.not_before || self.sent >= self.window {
            return None;
        }
        let (name, action) = self.actions.get(self.sent)?;
        let message = encode(&ClientMessage::Act(Act { name: *name, action: action.clone() }));
        self.sent += 1;
        Some(message)
    }

    /// When something becomes sendable by the mere passing of time.
    #[must_use]
    pub fn wake_at(&self) -> Option<Duration> {
        (self.sent < self.window.min(self.actions.len())).then_some(self.not_before)
    }

    /// What Hello names.
    #[must_use]
    pub fn oldest(&self) -> Option<ActionName> {
        self.actions.front().map(|(name, _)| *name)
    }

    /// Whether the action at this place is without an answer.
    #[must_use]
    pub fn waits_for(&self, seq: Seq) -> bool {
        self.actions.iter().any(|(name, _)| name.seq == seq)
    }

    /// How many actions are without an answer.
    #[must_use]
    pub fn len(&self) -> usize {
        self.actions.len()
    }

    /// Whether every action has its answer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }

    fn place_of(&self, action: ActionName) -> Option<usize> {
        self.actions.iter().position(|(name, _)| *name == action)
    }

    fn remove(&mut self, action: ActionName) -> bool {
        let Some(place) = self.place_of(action) else { return false };
        self.actions.remove(place);
        if place < self.sent {
            self.sent -= 1;
        }
        if self.rewound_to == Some(action.seq) {
            self.rewound_to = None;
        }
        true
    }

    fn give_up_all(&mut self, code: Code) -> Vec<GivenUp> {
        self.sent = 0;
        self.rewound_to = None;
        self.actions.drain(..).map(|(action, _)| GivenUp { action, code }).collect()
    }
}

fn wait(milliseconds: u32) -> Duration {
    Duration::from_millis(u64::from(milliseconds))
}

#[cfg(test)]
mod tests;
