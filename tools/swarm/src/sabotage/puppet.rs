//! A client whose every message is in a scene's hands: what it sends, when, in which order, and whether at all.
//!
//! It is the same state machine as any client's ([`ClientCore`]), so it keeps, sends again and reads as clients do. But
//! it never connects by itself, never takes silence for the end of a connection, and all that it is told goes into the
//! checker's history.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use holdfast_checker::recorder::record;
use holdfast_checker::{Meaning, Recorder};
use holdfast_client::{ClientCore, ClientEvent, Connection, Incoming};
use holdfast_protocol::{ActionName, ClientMessage, EntityId, Hello, encode};
use ledger::action::{Append, Read, Verb};
use ledger_reading::tape_ids;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::time::{Instant, sleep, timeout};

use crate::world::World;

/// How long a way into the world is looked for.
const ENTER_WAIT_MAX: Duration = Duration::from_secs(30);

/// How long is waited before a server that lets nobody in is asked again.
const ENTER_AGAIN: Duration = Duration::from_millis(100);

/// How often the client is asked whether it has something to say.
const SPEAK_EVERY: Duration = Duration::from_millis(20);

/// A client that a scene leads.
pub(super) struct Puppet {
    core: ClientCore,
    access_token: String,
    recorder: Recorder,
    start: Instant,
    connection: Option<Connection>,
    rng: StdRng,
}

impl Puppet {
    /// Whoever says this Hello. It is not connected yet.
    pub(super) fn new(hello: Hello, recorder: &Recorder, seed: u64) -> Self {
        Self {
            core: ClientCore::new(hello.build, hello.character),
            access_token: hello.access_token,
            recorder: recorder.clone(),
            start: Instant::now(),
            connection: None,
            rng: StdRng::seed_from_u64(seed ^ hello.character.0),
        }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connection.is_some()
    }

    pub(super) fn unanswered_count(&self) -> usize {
        self.core.unanswered_count()
    }

    /// A tape that it sees.
    pub(super) fn tape(&self) -> Result<EntityId> {
        tape_ids(self.core.copy()).first().copied().context("there is a tape in sight")
    }

    /// Connects and says Hello, once.
    pub(super) async fn greet(&mut self, address: &str) -> Result<()> {
        self.disconnect();
        let mut connection = Connection::open(address).await?;
        let hello = self.core.hello(self.start.elapsed(), self.access_token.clone());
        self.recorder.history().greeted(self.core.character());
        connection.send(hello).await?;
        self.connection = Some(connection);
        Ok(())
    }

    /// Connects, again and again where it must, until the world's state is here.
    pub(super) async fn enter(&mut self, address: &str) -> Result<()> {
        let deadline = Instant::now() + ENTER_WAIT_MAX;
        while Instant::now() < deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            if self.greet(address).await.is_ok() && self.listen_for_update(left).await {
                return Ok(());
            }
            sleep(ENTER_AGAIN).await;
        }
        bail!("character {} found no way into the world at {address}", self.core.character())
    }

    async fn listen_for_update(&mut self, wait: Duration) -> bool {
        self.listen(wait, |event| matches!(event, ClientEvent::Updated(_))).await
    }

    /// Drops the connection without a word.
    pub(super) fn disconnect(&mut self) {
        if self.connection.take().is_some() {
            let events = self.core.disconnected();
            self.write_down(&events);
        }
    }

    /// Wants an entry on a tape. Nothing is sent yet.
    pub(super) fn append(&mut self, tape: EntityId, entry: u64) -> Result<ActionName> {
        self.act(&Verb::Append(Append { tape, token: entry }), Meaning::Append { tape, entry })
    }

    /// Wants to know what stands on a tape. Nothing is sent yet.
    pub(super) fn read(&mut self, tape: EntityId) -> Result<ActionName> {
        self.act(&Verb::Read(Read { tape }), Meaning::Read { tape })
    }

    fn act(&mut self, verb: &Verb, meaning: Meaning) -> Result<ActionName> {
        let invoked = self.recorder.history().stamp();
        let name = self.core.act(encode(verb), &mut self.rng)?;
        self.recorder.history().invoke(self.core.character(), name, meaning, invoked);
        Ok(name)
    }

    /// Hands out the actions that it would send now, in their order, as the messages that they are. To the client they
    /// count as sent.
    pub(super) fn take_actions(&mut self) -> Vec<Vec<u8>> {
        let now = self.start.elapsed();
        let mut messages = Vec::new();
        while let Some(message) = self.core.next_send(now) {
            messages.push(message);
        }
        messages.retain(|message| is_action(message));
        messages
    }

    /// Sends a message that was taken.
    pub(super) async fn send(&mut self, message: Vec<u8>) -> Result<()> {
        self.connection.as_mut().context("it is connected")?.send(message).await?;
        Ok(())
    }

    /// Sends all that it wants to say.
    pub(super) async fn send_all(&mut self) -> Result<()> {
        for message in std::iter::from_fn(|| self.core.next_send(self.start.elapsed())) {
            self.connection.as_mut().context("it is connected")?.send(message).await?;
        }
        Ok(())
    }

    /// Plays on, sending and hearing, until it is told what is `wanted`. False where the time or the connection ends
    /// first.
    pub(super) async fn listen(
        &mut self,
        wait: Duration,
        mut wanted: impl FnMut(&ClientEvent) -> bool,
    ) -> bool {
        let deadline = Instant::now() + wait;
        while Instant::now() < deadline {
            if self.send_all().await.is_err() {
                self.disconnect();
                return false;
            }
            let Some(connection) = &mut self.connection else { return false };
            let left = deadline.saturating_duration_since(Instant::now());
            let heard = match timeout(left.min(SPEAK_EVERY), connection.receive()).await {
                Err(_) => continue,
                Ok(Ok(Incoming::Binary(bytes))) => self.core.receive(self.start.elapsed(), &bytes),
                Ok(Ok(Incoming::Text(_) | Incoming::Close) | Err(_)) => {
                    self.disconnect();
                    return false;
                }
            };
            self.write_down(&heard);
            if heard.iter().any(&mut wanted) {
                return true;
            }
            if heard.iter().any(|event| matches!(event, ClientEvent::Closed(_) | ClientEvent::Lost(_))) {
                self.disconnect();
                return false;
            }
        }
        false
    }

    /// Plays on until all its actions have their answers. False where the time or the connection ends first.
    pub(super) async fn settle(&mut self, wait: Duration) -> bool {
        let deadline = Instant::now() + wait;
        while self.unanswered_count() > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if !self.listen(left, is_end).await {
                return self.unanswered_count() == 0;
            }
        }
        true
    }

    fn write_down(&self, events: &[ClientEvent]) {
        let mut history = self.recorder.history();
        let reading = World::Ledger.reading();
        for event in events {
            record(&mut history, self.core.character(), reading, event, self.core.copy());
        }
    }
}

/// Whether it is the end of an action.
pub(super) fn is_end(event: &ClientEvent) -> bool {
    matches!(event, ClientEvent::Verdict(_) | ClientEvent::GaveUp(_))
}

fn is_action(message: &[u8]) -> bool {
    matches!(holdfast_protocol::decode(message), Ok(ClientMessage::Act(_)))
}
