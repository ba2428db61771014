//! A client without manners, which comes and goes.
//!
//! Each visit is one connection: it says hello, in its own way; sends a few honest actions in any order, and among them
//! what must have no effect; then more of that than anybody may send, so that some of it is turned away unread; and ends
//! as it likes. Its honest half is an ordinary client's: that sends again what was refused, comes back with its session, and
//! tells the checker all that it did and saw. So it may take its place among the bots of any other experiment; what it
//! finds wrong by itself counts only where no server is killed, since it knows of no such thing.

mod company;
mod door;
mod ears;
mod mouth;

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use holdfast_protocol::{Blob, ClientMessage, Code, EntityId, Hello, ServerMessage, encode};
use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use tokio::time::Instant;

use super::model::Model;
use super::tampering::{Captured, act_in, never_applied};
use super::{Kind, Tally};
use crate::by_hand::{ByHand, Heard};
use crate::players::Play;

pub(crate) use company::Company;

/// How many honest actions a visit has.
const HONEST: usize = 6;

/// How many further actions it has that nobody may turn away as too many: a few of those that are free after a welcome are
/// left for what the honest half sends again.
const TAMPERED: usize = 50;

/// How many it has after these, of which most are too many.
const TOO_MANY: usize = 40;

/// How many words it says that ask for nothing. All together a visit stays below what one connection may say at once.
const ECHOES: usize = 50;

/// How long answers may take.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(10);

/// How long a visitor waits before it tries again whom nobody lets in.
const CLOSED_DOOR_WAIT: Duration = Duration::from_millis(100);

/// A client without manners.
pub(crate) struct Rude {
    character: EntityId,
    address: String,
    by_hand: ByHand,
    model: Model,
    captured: Captured,
    company: Company,
    play: Play,
    rng: StdRng,
    tally: Tally,
    /// The resume token of the session before the latest.
    stale: Option<Blob>,
    latest: Option<Blob>,
    /// What was said first on this connection.
    said: Option<ClientMessage>,
    /// Whether a snapshot was wished for on this connection.
    wished: bool,
    /// How many actions this connection may still send that nobody turns away as too many.
    free: usize,
}

/// How a conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    Open,
    Over,
}

impl Rude {
    /// A client whose first word would be this, at the server at `address`.
    pub(crate) fn new(hello: Hello, address: String, play: &Play, company: &Company) -> Self {
        let character = hello.character;
        Self {
            character,
            address,
            by_hand: ByHand::new(hello),
            model: Model::default(),
            captured: Captured::new(character, company.overheard.clone()),
            company: company.clone(),
            play: play.clone(),
            rng: play.dice(character),
            tally: Tally::default(),
            stale: None,
            latest: None,
            said: None,
            wished: false,
            free: 0,
        }
    }

    /// What it sent so far, and what was answered.
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    pub(super) fn into_tally(self) -> Tally {
        self.tally
    }

    /// One visit. A server that is away, or goes away meanwhile, is no error: the next visit goes on from there.
    ///
    /// # Errors
    /// Where a server says what is no message.
    pub(crate) async fn visit(&mut self) -> Result<()> {
        // In turn, so that also a short run has all of them; and not with everybody's first visits, when nobody has anything
        // to show yet.
        let kind = match (self.tally.visits + self.character.0 / 4) % 12 {
            2 => Kind::StaleToken,
            5 => Kind::ForeignToken,
            8 => Kind::ForeignCharacter,
            11 => Kind::UnknownEpoch,
            _ => Kind::Honest,
        };
        if self.enter(kind).await? == Stand::Open {
            let stand = self.converse().await?;
            if stand == Stand::Over {
                self.tally.lost += 1;
            }
        }
        self.leave();
        Ok(())
    }

    /// One more visit as an ordinary client's, with one action.
    ///
    /// # Errors
    /// Where it is not let in, or gets no answer.
    pub(super) async fn act_once_more(&mut self) -> Result<()> {
        ensure!(self.enter(Kind::Honest).await? == Stand::Open, "a rude client is let in as any other");
        ensure!(self.hear_world().await? == Stand::Open, "a rude client sees the world as any other");
        let honest = self.ask_honestly(1);
        for bytes in honest {
            self.send_action(Kind::Honest, bytes, false).await;
        }
        // What was turned away is sent again after a while, and nothing is to be left without an answer.
        while self.hear_answers().await? == Stand::Open {
            if self.by_hand.core.unanswered_count() == 0 {
                self.leave();
                return Ok(());
            }
            self.hear(Instant::now() + ANSWER_WAIT_MAX).await?;
        }
        bail!("a rude client is answered as any other")
    }

    fn leave(&mut self) {
        let events = self.by_hand.hang_up();
        self.write_down(&events);
    }

    async fn converse(&mut self) -> Result<Stand> {
        // The world must be there before anything can be asked of it; it is, with the first frame.
        if self.hear_world().await? == Stand::Over {
            return Ok(Stand::Over);
        }
        let mut honest = self.ask_honestly(HONEST);
        honest.shuffle(&mut self.rng);
        for turn in 0..TAMPERED {
            if turn % (TAMPERED / HONEST) == 0
                && let Some(bytes) = honest.pop()
            {
                let early = act_in(&bytes).is_some_and(|act| act.name.seq > self.model.next());
                let kind = if early { Kind::Reordered } else { Kind::Honest };
                self.send_action(kind, bytes, false).await;
            }
            self.send_tampered(false).await;
        }
        for bytes in honest {
            let early = act_in(&bytes).is_some_and(|act| act.name.seq > self.model.next());
            self.send_action(if early { Kind::Reordered } else { Kind::Honest }, bytes, false).await;
        }
        if self.hear_answers().await? == Stand::Over {
            return Ok(Stand::Over);
        }
        for _ in 0..TOO_MANY {
            self.send_tampered(true).await;
        }
        for _ in 0..ECHOES {
            self.tally.sent(Kind::Applied);
            let echo = never_applied(&mut self.rng);
            if !self.by_hand.say(&echo).await {
                return Ok(Stand::Over);
            }
        }
        if self.hear_answers().await? == Stand::Over {
            return Ok(Stand::Over);
        }
        self.end().await
    }

    /// The last word of a visit: bytes that nobody can read, another hello, or none.
    async fn end(&mut self) -> Result<Stand> {
        let (kind, bytes, code) = match self.rng.random_range(0..10) {
            0..6 => match self.captured.unreadable(&mut self.rng) {
                Some(bytes) => (Kind::Unreadable, bytes, Code::MALFORMED),
                None => return Ok(Stand::Open),
            },
            6..8 => match &self.said {
                Some(hello) => (Kind::SecondHello, encode(hello), Code::HELLO_REPEATED),
                None => return Ok(Stand::Open),
            },
            _ => return Ok(Stand::Open),
        };
        self.tally.sent(kind);
        self.by_hand.say_bytes(bytes).await;
        let deadline = Instant::now() + ANSWER_WAIT_MAX;
        loop {
            // All answers that were due are there: whatever comes before the end is one too many.
            match self.listen(deadline).await? {
                Heard::Message(message, _) => {
                    if let ServerMessage::Error(error) = *message {
                        let name = error.code.engine_entry().map_or("an unknown code", |entry| entry.name);
                        self.judge_hello(kind, error.code == code, name, || name.to_owned());
                        return Ok(Stand::Open);
                    }
                }
                Heard::Over => return Ok(Stand::Over),
                Heard::Nothing => {
                    self.tally.wrong(kind, || "no answer".to_owned());
                    return Ok(Stand::Open);
                }
            }
        }
    }
}
