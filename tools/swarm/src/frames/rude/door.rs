//! How a rude client comes in: with a hello of its own, another's, or an old one.

use anyhow::Result;
use holdfast_client::Connection;
use holdfast_protocol::{ClientMessage, Code, EpochTag, Hello, ResyncKind, ServerMessage, UNANSWERED_MAX};
use rand::RngExt as _;
use tokio::time::{Instant, sleep};

use super::super::Kind;
use super::{ANSWER_WAIT_MAX, CLOSED_DOOR_WAIT, Rude, Stand};
use crate::by_hand::Heard;

impl Rude {
    /// Connects, and says hello in this way. Open where the client is in the world after that.
    pub(super) async fn enter(&mut self, kind: Kind) -> Result<Stand> {
        let Ok(connection) = Connection::open(&self.address).await else {
            sleep(CLOSED_DOOR_WAIT).await;
            return Ok(Stand::Over);
        };
        self.by_hand.take(connection);
        self.tally.visits += 1;
        let honest = self.by_hand.hello()?;
        let (kind, hello) = self.hello_of(kind, &honest).unwrap_or((Kind::Honest, honest.clone()));
        self.tally.sent(kind);
        let resumes = honest.resume.is_some() && honest.held.is_some();
        let said = self.said.insert(ClientMessage::Hello(hello));
        if !self.by_hand.say(said).await {
            self.tally.lost += 1;
            return Ok(Stand::Over);
        }
        let deadline = Instant::now() + ANSWER_WAIT_MAX;
        loop {
            match self.by_hand.hear(deadline.saturating_duration_since(Instant::now())).await? {
                Heard::Message(message, events) => {
                    self.write_down(&events);
                    match *message {
                        ServerMessage::Welcome(welcome) => {
                            let wanted = allowed_resync(kind, resumes);
                            self.judge_hello(kind, wanted(welcome.resync), "welcome", || {
                                format!("{:?}", welcome.resync)
                            });
                            self.model.welcomed(welcome.last_seq);
                            self.company.note(self.character, &welcome.resume);
                            self.stale = self.latest.replace(welcome.resume);
                            (self.free, self.wished) = (UNANSWERED_MAX, false);
                            return Ok(Stand::Open);
                        }
                        ServerMessage::Error(error) => {
                            let (is_right, name) = judge_error(kind, error.code);
                            // Somebody else's trouble (the world is being loaded, say) says nothing about the hello.
                            if is_right || !error.retryable {
                                self.judge_hello(kind, is_right, name, || name.to_owned());
                            } else {
                                self.tally.lost += 1;
                            }
                            return Ok(Stand::Over);
                        }
                        _ => {}
                    }
                }
                Heard::Over => {
                    self.tally.lost += 1;
                    return Ok(Stand::Over);
                }
                Heard::Nothing => {
                    self.tally.wrong(kind, || "no answer".to_owned());
                    return Ok(Stand::Over);
                }
            }
        }
    }

    /// A hello of this kind; none where what it needs is not there yet.
    fn hello_of(&mut self, kind: Kind, honest: &Hello) -> Option<(Kind, Hello)> {
        let mut hello = honest.clone();
        match kind {
            Kind::StaleToken => hello.resume = Some(self.stale.clone()?),
            Kind::ForeignToken => {
                hello.resume = Some(self.company.stranger(self.character, &mut self.rng)?.1);
            }
            Kind::ForeignCharacter => {
                let (stranger, token) = self.company.stranger(self.character, &mut self.rng)?;
                (hello.character, hello.resume) = (stranger, Some(token));
            }
            Kind::UnknownEpoch => {
                let held = hello.held.as_mut()?;
                held.tag = EpochTag(held.tag.0 ^ self.rng.random_range(1..=u64::MAX));
            }
            _ => {}
        }
        Some((kind, hello))
    }

    pub(super) fn judge_hello(
        &mut self,
        kind: Kind,
        is_right: bool,
        answer: &'static str,
        what: impl FnOnce() -> String,
    ) {
        if is_right {
            self.tally.right(kind, answer);
        } else {
            self.tally.wrong(kind, what);
        }
    }
}

/// What a welcome may bring to a hello of this kind.
fn allowed_resync(kind: Kind, resumes: bool) -> fn(ResyncKind) -> bool {
    match kind {
        Kind::UnknownEpoch => |resync| resync == ResyncKind::SnapshotUnknownEpoch,
        Kind::ForeignToken => |resync| resync != ResyncKind::Delta,
        Kind::StaleToken | Kind::ForeignCharacter => |_| false,
        _ if resumes => |resync| resync == ResyncKind::Delta,
        _ => |resync| resync == ResyncKind::SnapshotFresh,
    }
}

/// Whether a hello of this kind is to be refused with this code, and the code's name.
fn judge_error(kind: Kind, code: Code) -> (bool, &'static str) {
    let wanted = match kind {
        Kind::StaleToken => Some(Code::REPLACED),
        Kind::ForeignCharacter => Some(Code::NO_SUCH_CHARACTER),
        _ => None,
    };
    (wanted == Some(code), code.engine_entry().map_or("an unknown code", |entry| entry.name))
}
