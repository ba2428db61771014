//! Answers that a client must get, each once, until its socket can take them.
//!
//! Unlike what happens in the world, they do not coalesce. Their bound is `Limits::answers_bytes_max`: a client that
//! lets more pile up is closed as a slow reader, and asks again when it comes back.

use std::collections::VecDeque;

use holdfast_protocol::{Refusal, Reply, Verdict};

use crate::measurement::ActionTimes;

/// A session's undelivered answers.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    verdicts: Vec<Verdict>,
    /// When the actions were asked and decided that are measured: no more than there are verdicts.
    times: Vec<ActionTimes>,
    replies: Vec<Reply>,
    refusals: VecDeque<Refusal>,
    bytes: usize,
}

impl Answers {
    pub(crate) fn push_verdict(&mut self, verdict: Verdict, times: Option<ActionTimes>) {
        self.bytes += size_of::<Verdict>() + times.map_or(0, |_| size_of::<ActionTimes>());
        self.times.extend(times);
        self.verdicts.push(verdict);
    }

    pub(crate) fn push_reply(&mut self, reply: Reply) {
        self.bytes += size_of::<Reply>() + reply.body.0.len();
        self.replies.push(reply);
    }

    pub(crate) fn push_refusal(&mut self, refusal: Refusal) {
        self.bytes += size_of::<Refusal>();
        self.refusals.push_back(refusal);
    }

    /// The next refusal, if it may be said: a message of its own.
    pub(crate) fn next_refusal(&mut self, may_be_said: impl FnOnce(&Refusal) -> bool) -> Option<Refusal> {
        let refusal = self.refusals.pop_front_if(|refusal| may_be_said(refusal))?;
        self.bytes -= size_of::<Refusal>();
        Some(refusal)
    }

    /// All verdicts, with their actions' times, and all replies, in order: they ride in one frame.
    pub(crate) fn take(&mut self) -> (Vec<Verdict>, Vec<ActionTimes>, Vec<Reply>) {
        self.bytes = self.refusals.len() * size_of::<Refusal>();
        let (verdicts, times) = (std::mem::take(&mut self.verdicts), std::mem::take(&mut self.times));
        (verdicts, times, std::mem::take(&mut self.replies))
    }

    /// Whether a frame is owed.
    pub(crate) fn want_frame(&self) -> bool {
        !self.verdicts.is_empty() || !self.replies.is_empty()
    }

    /// About how much memory is held, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}
