//! A client that pays: over a WebSocket, with so many transfers outstanding.
//!
//! It is a program and not a player: it keeps no copy of what it is shown, so it echoes no token. All transfers that have
//! become free go in one message, and every verdict is held against the transfer that it must be the answer to.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use holdfast_client::{Connection, Incoming};
use holdfast_protocol::{
    Act, ActionName, Blob, ClientMessage, EntityId, Frame, Hello, Nonce, Seq, ServerMessage, Verdict, decode,
    encode,
};
use ledger::action::{Pay, Verb};
use tokio::time::{Instant, timeout};

use super::book::Book;
use super::draw::Pairs;
use super::window::{Tally, Window};

/// How long a server may say nothing: it says something at least once a second, and while it stands still too.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// How much a transfer moves.
pub(super) const AMOUNT: i64 = 1;

/// A client in the world.
#[derive(Debug)]
pub(super) struct Payer {
    connection: Connection,
    last_seq: Seq,
    nonce: Nonce,
    waiting: VecDeque<(ActionName, Instant)>,
}

/// What a client needs to pay by itself.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) window: Window,
    pub(super) pipeline: usize,
    pub(super) pots: Arc<[EntityId]>,
    pub(super) pairs: Pairs,
    pub(super) book: Book,
}

impl Payer {
    /// Comes into the world at `address` with this first word.
    pub(super) async fn enter(address: &str, hello: Hello, nonce: Nonce) -> Result<Self> {
        let mut connection = Connection::open(address).await?;
        connection.send(encode(&ClientMessage::Hello(hello))).await?;
        let mut payer = Self { connection, last_seq: Seq(0), nonce, waiting: VecDeque::new() };
        loop {
            match payer.hear().await? {
                ServerMessage::Welcome(welcome) => {
                    payer.last_seq = welcome.last_seq;
                    return Ok(payer);
                }
                ServerMessage::Error(error) => bail!("a client was not let in: {:?}", error.code),
                _ => {}
            }
        }
    }

    /// The last action of the character that the world has decided, as far as this client knows.
    pub(super) fn last_seq(&self) -> Seq {
        self.last_seq
    }

    /// Pays for as long as it counts, and waits for the last answers.
    pub(super) async fn pay(&mut self, task: Task) -> Result<Tally> {
        let Task { window, pipeline, pots, mut pairs, book } = task;
        let (mut tally, mut unbooked, mut free) = (Tally::default(), VecDeque::new(), pipeline);
        loop {
            let now = Instant::now();
            if !window.is_over(now) && free > 0 {
                let mut acts = Vec::with_capacity(free);
                for _ in 0..std::mem::take(&mut free) {
                    let (from, to) = pairs.next();
                    unbooked.push_back((from, to));
                    let pay = Pay { from: pots[from], to: pots[to], amount: AMOUNT };
                    acts.push(self.next_act(&Verb::Pay(pay), now));
                    tally.sent += 1;
                }
                self.connection.send(encode(&ClientMessage::Acts(acts))).await?;
            }
            if self.waiting.is_empty() {
                return Ok(tally);
            }
            let frame = self.hear_frame().await?;
            let now = Instant::now();
            for verdict in &frame.verdicts {
                let asked = self.settle(verdict)?;
                let pair = unbooked.pop_front().context("a verdict on no transfer")?;
                if verdict.is_accepted() {
                    book.paid(pair, AMOUNT);
                }
                tally.answered(&window, asked, now, verdict.is_accepted());
                free += 1;
            }
        }
    }

    /// Does one thing, and waits for the longer answer to it.
    pub(super) async fn ask(&mut self, verb: &Verb) -> Result<Blob> {
        let act = self.next_act(verb, Instant::now());
        let name = act.name;
        self.connection.send(encode(&ClientMessage::Act(act))).await?;
        loop {
            let frame = self.hear_frame().await?;
            let Some(verdict) = frame.verdicts.first() else { continue };
            self.settle(verdict)?;
            ensure!(verdict.is_accepted(), "{verb:?} was refused: {:?}", verdict.code);
            let reply = frame.replies.into_iter().find(|reply| reply.seq == name.seq);
            return Ok(reply.context("there is a longer answer")?.body);
        }
    }

    /// Leaves the world.
    pub(super) async fn leave(mut self) -> Result<()> {
        self.connection.send(encode(&ClientMessage::Leave)).await?;
        self.connection.close().await;
        Ok(())
    }

    fn next_act(&mut self, verb: &Verb, now: Instant) -> Act {
        // Every outstanding one has taken its place already.
        let last = self.waiting.back().map_or(self.last_seq, |(name, _)| name.seq);
        let name = ActionName { seq: last.next(), nonce: self.nonce };
        self.waiting.push_back((name, now));
        Act { name, action: Blob(encode(verb)) }
    }

    /// The oldest outstanding one has its answer, and no other: when it was asked for.
    fn settle(&mut self, verdict: &Verdict) -> Result<Instant> {
        let (name, asked) = self.waiting.pop_front().context("a verdict that nobody asked for")?;
        ensure!(name == verdict.action, "the verdict is about {:?}, and not {name:?}", verdict.action);
        self.last_seq = name.seq;
        Ok(asked)
    }

    async fn hear_frame(&mut self) -> Result<Frame> {
        loop {
            match self.hear().await? {
                ServerMessage::Frame(frame) => return Ok(frame),
                ServerMessage::Refused(refusal) => bail!("a transfer was turned away: {:?}", refusal.code),
                ServerMessage::Error(error) => bail!("a client was sent away: {:?}", error.code),
                ServerMessage::Paused(_)
                | ServerMessage::Pong
                | ServerMessage::IdleWarning(_)
                | ServerMessage::Welcome(_) => {}
            }
        }
    }

    async fn hear(&mut self) -> Result<ServerMessage> {
        match timeout(SILENCE_MAX, self.connection.receive()).await.context("the server says nothing")?? {
            Incoming::Binary(bytes) => Ok(decode(&bytes)?),
            Incoming::Text(_) => bail!("a server says no text"),
            Incoming::Close => bail!("the server has closed a connection"),
        }
    }
}
