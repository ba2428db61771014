//! A client whose every message is in a scene's hands: what it says, when, in which order, and whether at all.
//!
//! It keeps, sends again and reads as any client does ([`ByHand`]). But it never connects by itself and never takes
//! silence for the end of a connection, and all that it is told goes into the checker's history.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use holdfast_checker::recorder::record;
use holdfast_checker::{Meaning, Recorder};
use holdfast_client::{ClientEvent, Connection};
use holdfast_protocol::{ClientMessage, EntityId, Hello, ServerMessage, decode, encode};
use ledger::action::{Append, Read, Verb};
use ledger_reading::tape_ids;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::time::{Instant, sleep};

use crate::by_hand::{ByHand, Heard};
use crate::world::World;

/// How long a way into the world is looked for.
const ENTER_WAIT_MAX: Duration = Duration::from_secs(30);

/// How long is waited before a server that lets nobody in is asked again.
const ENTER_AGAIN: Duration = Duration::from_millis(100);

/// How often the client is asked whether it has something to say.
const SPEAK_EVERY: Duration = Duration::from_millis(20);

/// A client that a scene leads.
pub(super) struct Puppet {
    client: ByHand,
    is_connected: bool,
    recorder: Recorder,
    rng: StdRng,
}

impl Puppet {
    /// Whoever says this Hello. It is not connected yet.
    pub(super) fn new(hello: Hello, recorder: &Recorder, seed: u64) -> Self {
        let rng = StdRng::seed_from_u64(seed ^ hello.character.0);
        Self { client: ByHand::new(hello), is_connected: false, recorder: recorder.clone(), rng }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.is_connected
    }

    fn character(&self) -> EntityId {
        self.client.core.character()
    }

    /// A tape that it sees.
    pub(super) fn tape(&self) -> Result<EntityId> {
        tape_ids(self.client.core.copy()).first().copied().context("there is a tape in sight")
    }

    /// Connects and says Hello, once.
    pub(super) async fn greet(&mut self, address: &str) -> Result<()> {
        self.disconnect();
        self.client.take(Connection::open(address).await?);
        self.recorder.history().greeted(self.character(), self.client.core.resumes());
        let hello = self.client.hello()?;
        self.is_connected = self.client.say(&ClientMessage::Hello(hello)).await;
        ensure!(self.is_connected, "{address} does not let anybody say hello");
        Ok(())
    }

    /// Connects, again and again where it must, until the world's state is here.
    pub(super) async fn enter(&mut self, address: &str) -> Result<()> {
        let deadline = Instant::now() + ENTER_WAIT_MAX;
        while Instant::now() < deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            let is_update = |event: &ClientEvent| matches!(event, ClientEvent::Updated(_));
            if self.greet(address).await.is_ok() && self.listen(left, is_update).await? {
                return Ok(());
            }
            sleep(ENTER_AGAIN).await;
        }
        bail!("character {} found no way into the world at {address}", self.character())
    }

    /// Drops the connection without a word.
    pub(super) fn disconnect(&mut self) {
        self.is_connected = false;
        let events = self.client.hang_up();
        self.write_down(&events);
    }

    /// Wants an entry on a tape. Nothing is said yet.
    pub(super) fn append(&mut self, tape: EntityId, entry: u64) -> Result<()> {
        self.act(&Verb::Append(Append { tape, token: entry }), Meaning::Append { tape, entry })
    }

    /// Wants to know what stands on a tape. Nothing is said yet.
    pub(super) fn read(&mut self, tape: EntityId) -> Result<()> {
        self.act(&Verb::Read(Read { tape }), Meaning::Read { tape })
    }

    fn act(&mut self, verb: &Verb, meaning: Meaning) -> Result<()> {
        let invoked = self.recorder.history().stamp();
        let name = self.client.core.act(encode(verb), &mut self.rng)?;
        self.recorder.history().invoke(self.character(), name, meaning, invoked);
        Ok(())
    }

    /// Hands out the actions that it would send now, in their order, as the messages that they are. To the client they
    /// count as sent.
    pub(super) fn take_actions(&mut self) -> Vec<Vec<u8>> {
        let is_action = |message: &Vec<u8>| matches!(decode(message), Ok(ClientMessage::Act(_)));
        std::iter::from_fn(|| self.client.next_own()).filter(is_action).collect()
    }

    /// Says what was taken.
    pub(super) async fn say(&mut self, message: Vec<u8>) -> Result<()> {
        ensure!(self.client.say_bytes(message).await, "character {} is cut off", self.character());
        Ok(())
    }

    /// Says all that it wants to.
    pub(super) async fn say_all(&mut self) -> Result<()> {
        while let Some(message) = self.client.next_own() {
            self.say(message).await?;
        }
        Ok(())
    }

    /// Plays on, saying and hearing, until it is told what is `wanted`. False where the time or the connection ends
    /// first.
    ///
    /// # Errors
    /// Where a server says what is none of the protocol's.
    pub(super) async fn listen(
        &mut self,
        wait: Duration,
        mut wanted: impl FnMut(&ClientEvent) -> bool,
    ) -> Result<bool> {
        let deadline = Instant::now() + wait;
        while self.is_connected && Instant::now() < deadline {
            if self.say_all().await.is_err() {
                self.disconnect();
                break;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let (message, events) = match self.client.hear(left.min(SPEAK_EVERY)).await? {
                Heard::Message(message, events) => (message, events),
                Heard::Nothing => continue,
                Heard::Over => {
                    self.disconnect();
                    break;
                }
            };
            self.write_down(&events);
            let is_told = events.iter().any(&mut wanted);
            if matches!(*message, ServerMessage::Error(_)) {
                self.disconnect();
            }
            if is_told {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Plays on until all its actions have their answers, or the time or the connection ends.
    ///
    /// # Errors
    /// As [`Self::listen`].
    pub(super) async fn settle(&mut self, wait: Duration) -> Result<()> {
        let deadline = Instant::now() + wait;
        while self.client.core.unanswered_count() > 0 {
            if !self.listen(deadline.saturating_duration_since(Instant::now()), is_end).await? {
                break;
            }
        }
        Ok(())
    }

    fn write_down(&self, events: &[ClientEvent]) {
        let mut history = self.recorder.history();
        let reading = World::Ledger.reading();
        for event in events {
            record(&mut history, self.character(), reading, event, self.client.core.copy());
        }
    }
}

/// Whether it is the end of an action.
pub(super) fn is_end(event: &ClientEvent) -> bool {
    matches!(event, ClientEvent::Verdict(_) | ClientEvent::GaveUp(_))
}
