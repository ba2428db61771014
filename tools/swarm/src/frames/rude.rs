//! A client without manners, which comes and goes.
//!
//! Each visit is one connection: it says hello, in its own way; sends a few honest actions in any order, and among them
//! what must have no effect; then more of that than anybody may send, so that some of it is turned away unread; and ends
//! as it likes. Its honest half is an ordinary client's: that sends again what was refused, comes back with its session, and
//! tells the checker all that it did and saw. So it may take its place among the bots of any other experiment; what it
//! finds wrong by itself counts only where no server is killed, since it knows of no such thing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, ensure};
use holdfast_checker::recorder::record;
use holdfast_client::{ClientEvent, Connection};
use holdfast_protocol::{
    Blob, ClientMessage, Code, EntityId, EpochTag, Hello, ResyncKind, ServerMessage, UNANSWERED_MAX, encode,
};
use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use tokio::time::{Instant, sleep};

use super::model::{Judgement, Model};
use super::tampering::{Captured, Overheard, act_in, never_applied};
use super::{Kind, Tally};
use crate::by_hand::{ByHand, Heard};
use crate::players::Play;
use crate::world::World;

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

/// What rude clients know of each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Company {
    overheard: Overheard,
    /// The latest resume token of each.
    tokens: Arc<Mutex<BTreeMap<EntityId, Blob>>>,
}

impl Company {
    fn note(&self, character: EntityId, token: &Blob) {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(character, token.clone());
    }

    /// Somebody else, and that one's latest resume token.
    fn stranger(&self, me: EntityId, rng: &mut StdRng) -> Option<(EntityId, Blob)> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let others: Vec<_> = tokens.iter().filter(|(other, _)| **other != me).collect();
        others.choose(rng).map(|(other, token)| (**other, (*token).clone()))
    }
}

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
        let kind = match self.rng.random_range(0..100) {
            0..5 => Kind::StaleToken,
            5..10 => Kind::ForeignToken,
            10..15 => Kind::ForeignCharacter,
            15..20 => Kind::UnknownEpoch,
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
        ensure!(self.hear_answers().await? == Stand::Open, "a rude client is answered as any other");
        self.leave();
        Ok(())
    }

    fn leave(&mut self) {
        let events = self.by_hand.hang_up();
        self.write_down(&events);
    }

    /// Connects, and says hello in this way. Open where the client is in the world after that.
    async fn enter(&mut self, kind: Kind) -> Result<Stand> {
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
                            self.free = UNANSWERED_MAX;
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

    fn judge_hello(
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

    /// Waits until the copy is there, which the first frames bring.
    async fn hear_world(&mut self) -> Result<Stand> {
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

    /// Asks for so many actions, and for what has no answer from before: all of it as an ordinary client would send it.
    fn ask_honestly(&mut self, count: usize) -> Vec<Vec<u8>> {
        for _ in 0..count {
            let action = self.play.next_action(self.character, self.by_hand.core.copy(), &mut self.rng);
            let mut history = self.play.recorder.history();
            let invoked = history.stamp();
            if let Ok(name) = self.by_hand.core.act(action.bytes, &mut self.rng) {
                history.invoke(self.character, name, action.meaning, invoked);
            }
        }
        std::iter::from_fn(|| self.by_hand.next_own()).collect()
    }

    /// Sends an action, and expects its answer. A connection that is lost is noticed by whoever listens.
    async fn send_action(&mut self, kind: Kind, bytes: Vec<u8>, is_too_fast: bool) {
        let Some(act) = act_in(&bytes) else {
            self.by_hand.say_bytes(bytes).await;
            return;
        };
        self.tally.sent(kind);
        self.model.sent(act.name, kind, is_too_fast);
        if matches!(kind, Kind::Honest | Kind::Reordered) {
            self.captured.keep(&act);
        }
        self.free = self.free.saturating_sub(1);
        self.by_hand.say_bytes(bytes).await;
    }

    async fn send_tampered(&mut self, is_too_fast: bool) {
        let Some((kind, message)) = self.captured.tampered(&self.model, &mut self.rng) else { return };
        match message {
            ClientMessage::Act(_) => self.send_action(kind, encode(&message), is_too_fast).await,
            other => {
                self.tally.sent(kind);
                self.by_hand.say(&other).await;
            }
        }
    }

    /// Listens until every answer that is due has come, and the honest half has said what it has to say.
    async fn hear_answers(&mut self) -> Result<Stand> {
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
    async fn hear(&mut self, deadline: Instant) -> Result<Option<Vec<ClientEvent>>> {
        let (message, events) =
            match self.by_hand.hear(deadline.saturating_duration_since(Instant::now())).await? {
                Heard::Message(message, events) => (message, events),
                Heard::Over => return Ok(None),
                Heard::Nothing => return Ok(Some(Vec::new())),
            };
        self.write_down(&events);
        match *message {
            ServerMessage::Frame(frame) => {
                for verdict in &frame.verdicts {
                    let judgement = self.model.verdict(verdict);
                    self.judge(judgement);
                }
            }
            ServerMessage::Refused(refusal) => {
                let judgement = self.model.refusal(&refusal);
                self.judge(judgement);
            }
            ServerMessage::Error(error) => {
                self.tally.strayed(|| format!("the connection was ended with {}", error.code));
                return Ok(None);
            }
            _ => {}
        }
        // What would no longer be free waits for the next visit.
        while self.free > 0
            && let Some(bytes) = self.by_hand.next_own()
        {
            self.send_action(Kind::Honest, bytes, false).await;
        }
        Ok(Some(events))
    }

    fn judge(&mut self, judgement: Judgement) {
        match judgement {
            Judgement::Right(kind, answer) => self.tally.right(kind, answer),
            Judgement::Wrong(kind, what) => self.tally.wrong(kind, || what),
            Judgement::Stray(what) => self.tally.strayed(|| what),
        }
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
            match self.by_hand.hear(deadline.saturating_duration_since(Instant::now())).await? {
                Heard::Message(message, events) => {
                    self.write_down(&events);
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

    fn write_down(&self, events: &[ClientEvent]) {
        let mut history = self.play.recorder.history();
        for event in events {
            record(&mut history, self.character, World::Ledger.reading(), event, self.by_hand.core.copy());
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
