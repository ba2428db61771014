//! What a rude client hears: every answer is judged, and what it tells of the world is written down.

use anyhow::Result;
use holdfast_checker::recorder::record;
use holdfast_client::ClientEvent;
use holdfast_protocol::ServerMessage;
use tokio::time::Instant;

use super::super::Kind;
use super::super::model::Judgement;
use super::{ANSWER_WAIT_MAX, Rude, Stand};
use crate::by_hand::Heard;
use crate::world::World;

impl Rude {
    /// Waits until the copy is there, which the first frames bring.
    pub(super) async fn hear_world(&mut self) -> Result<Stand> {
        let deadline = Instant::now() + ANSWER_WAIT_MAX;
        loop {
            match self.hear(deadline).await? {
                Some(events) if events.iter().any(|event| matches!(event, ClientEvent::Updated(_))) => {
                    return Ok(Stand::Open);
                }
                Some(_) if Instant::now() < deadline => {}
                Some(_) | None => return Ok(Stand::Over),
            }
        }
    }

    /// Listens until every answer that is due has come, and the honest half has said what it has to say.
    pub(super) async fn hear_answers(&mut self) -> Result<Stand> {
        let deadline = Instant::now() + ANSWER_WAIT_MAX;
        while self.model.waiting_count() > 0 {
            let Some(_) = self.hear(deadline).await? else { return Ok(Stand::Over) };
            if Instant::now() >= deadline {
                for kind in self.model.give_up() {
                    self.tally.wrong(kind, || "no answer".to_owned());
                }
            }
        }
        Ok(Stand::Open)
    }

    /// Hears one message, judges it, and says what an ordinary client says to it. None where the connection is over.
    pub(super) async fn hear(&mut self, deadline: Instant) -> Result<Option<Vec<ClientEvent>>> {
        let (message, events) = match self.listen(deadline).await? {
            Heard::Message(message, events) => (message, events),
            Heard::Over => return Ok(None),
            Heard::Nothing => return Ok(Some(Vec::new())),
        };
        if let ServerMessage::Error(error) = *message {
            self.tally.strayed(|| format!("the connection was ended with {}", error.code));
            return Ok(None);
        }
        // What would no longer be free waits for the next visit.
        while self.free > 0
            && let Some(bytes) = self.by_hand.next_own()
        {
            self.send_action(Kind::Honest, bytes, false).await;
        }
        Ok(Some(events))
    }

    /// Hears one message in the world, writes down what it tells, and judges what it answers: also the last of a visit.
    pub(super) async fn listen(&mut self, deadline: Instant) -> Result<Heard> {
        let heard = self.by_hand.hear(deadline.saturating_duration_since(Instant::now())).await?;
        if let Heard::Message(message, events) = &heard {
            self.write_down(events);
            self.judge_answers(message);
        }
        Ok(heard)
    }

    /// Judges what a message answers to actions, and to a wish for a snapshot.
    fn judge_answers(&mut self, message: &ServerMessage) {
        match message {
            ServerMessage::Frame(frame) => {
                if let Some(judgement) = self.model.frame(frame.from.is_none()) {
                    self.judge(judgement);
                }
                for verdict in &frame.verdicts {
                    let judgement = self.model.verdict(verdict);
                    self.judge(judgement);
                }
            }
            ServerMessage::Refused(refusal) => {
                let judgement = self.model.refusal(refusal);
                self.judge(judgement);
            }
            _ => {}
        }
    }

    fn judge(&mut self, judgement: Judgement) {
        match judgement {
            Judgement::Right(kind, answer) => self.tally.right(kind, answer),
            Judgement::Wrong(kind, what) => self.tally.wrong(kind, || what),
            Judgement::Stray(what) => self.tally.strayed(|| what),
        }
    }

    pub(super) fn write_down(&self, events: &[ClientEvent]) {
        let mut history = self.play.recorder.history();
        for event in events {
            record(&mut history, self.character, World::Ledger.reading(), event, self.by_hand.core.copy());
        }
    }
}

#[cfg(test)]
mod tests {
    use holdfast_checker::Recorder;
    use holdfast_protocol::{
        ActionName, BuildId, Code, EntityId, Frame, Hello, Nonce, OwnWrite, Refusal, Seq, Verdict,
    };

    use super::super::Company;
    use super::*;
    use crate::players::Play;

    fn rude() -> Rude {
        let hello = Hello {
            build: BuildId([9; 16]),
            access_token: String::new(),
            character: EntityId(1),
            resume: None,
            held: None,
            oldest_unanswered: None,
        };
        let play = Play::new(World::Ledger, Recorder::default(), 1);
        Rude::new(hello, String::new(), &play, &Company::default())
    }

    fn snapshot(verdicts: Vec<Verdict>) -> ServerMessage {
        ServerMessage::Frame(Frame {
            from: None,
            verdicts,
            replies: Vec::new(),
            lost: Vec::new(),
            rosters: Vec::new(),
            chunks: Vec::new(),
            own: OwnWrite::default(),
            hashes: Vec::new(),
            token: None,
        })
    }

    #[test]
    fn whatever_answers_nothing_is_told() {
        let action = ActionName { seq: Seq(1), nonce: Nonce(7) };
        let mut rude = rude();
        rude.judge_answers(&snapshot(vec![Verdict { action, code: Code::ACCEPTED, detail: [0; 4] }]));
        let refusal = Refusal { action, code: Code::SEQ_GAP, retry_after_ms: 0, expected: Seq(1) };
        rude.judge_answers(&ServerMessage::Refused(refusal));
        assert_eq!(rude.tally.wrong_count(), 2);
    }

    #[test]
    fn a_snapshot_answers_a_wish() {
        let mut rude = rude();
        rude.model.wished();
        rude.judge_answers(&snapshot(Vec::new()));
        assert_eq!(rude.tally.of(Kind::Resync).answers.get("a snapshot"), Some(&1));
    }
}
