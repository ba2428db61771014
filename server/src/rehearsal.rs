//! A world on a bare table, for a game's own tests: no socket, no store, no clock.
//!
//! It runs a [`WorldMachine`], keeps the rows of its ticks in memory, answers its loads from them, and can start it
//! again from what it kept. Everything is deterministic. Mistakes of the test itself (acting without having joined)
//! panic.

mod kept;

use std::collections::BTreeMap;
use std::marker::PhantomData;

use holdfast_front::{
    Account, Answer, AnswerKind, Attachment, Conn, JoinOutcome, JoinRequest, Moment, WorldEvent,
};
use holdfast_protocol::{ActionName, Blob, Code, EntityId, Nonce, Seq, Tick, encode};

use self::kept::Kept;
use crate::action::Outcome;
use crate::app::{App, Game};
use crate::persistence::loaded::CharacterLoad;
use crate::persistence::rows::CharacterProfile;
#[cfg(test)]
use crate::poison::Failure;
use crate::poison::Watchlist;
use crate::tick::{TickOutput, WorldInput, WorldMachine};
use crate::world::{Change, Look};

/// How many ticks a rehearsal waits for an answer before it says that there is none.
const TICKS_WAITED_MAX: u64 = 20;

/// How much may wait for a tick of a rehearsal.
pub(crate) const INPUTS_MAX: usize = 16_384;

/// A world that is rehearsed.
pub struct Rehearsal<G: Game> {
    machine: WorldMachine,
    kept: Kept,
    /// Whether ticks become durable as soon as they are run.
    is_flushing: bool,
    players: BTreeMap<EntityId, Player>,
    conn_count: u64,
    game: PhantomData<G>,
}

/// The client's side of a character.
struct Player {
    conn: Conn,
    last_seq: Seq,
}

impl<G: Game> Rehearsal<G> {
    /// A new world, one tick old: its first things are there.
    #[must_use]
    pub fn new() -> Self {
        let mut kept = Kept::new(App::of::<G>().tables().len());
        let (machine, _) = WorldMachine::new::<G>(&kept.load(), INPUTS_MAX, Watchlist::default())
            .expect("an empty world can be loaded");
        let mut rehearsal = Self {
            machine,
            kept,
            is_flushing: true,
            players: BTreeMap::new(),
            conn_count: 0,
            game: PhantomData,
        };
        rehearsal.tick();
        rehearsal
    }

    /// Makes a character, of an account of its own. It is not in the world yet.
    pub fn make_character(&mut self, name: &str) -> EntityId {
        self.kept.make_character(name)
    }

    /// Makes a character and lets it join.
    pub fn player(&mut self, name: &str) -> EntityId {
        let character = self.make_character(name);
        self.join(character);
        character
    }

    /// A new connection of the character's own account joins as a fresh session, and is waited for.
    ///
    /// # Panics
    /// Where it is refused.
    pub fn join(&mut self, character: EntityId) -> Attachment {
        let request = self.join_request(character);
        let conn = request.conn;
        self.push(WorldEvent::Join(request));
        for _ in 0..TICKS_WAITED_MAX {
            for outcome in self.tick().changes.joins {
                match outcome {
                    JoinOutcome::Attached(attachment) if attachment.conn == conn => return attachment,
                    JoinOutcome::Refused(refusal) if refusal.conn == conn => {
                        panic!("refused: {}", refusal.code)
                    }
                    _ => {}
                }
            }
        }
        panic!("the join of {character} was not answered");
    }

    /// What a new connection of the character's own account asks to join as a fresh session.
    #[must_use]
    pub fn join_request(&mut self, character: EntityId) -> JoinRequest {
        self.conn_count += 1;
        let conn = Conn(self.conn_count);
        let account = self.profile(character).account.clone();
        JoinRequest { conn, account, character, resume: None, oldest_unanswered: None }
    }

    /// The character does something, and its answer is waited for.
    ///
    /// # Errors
    /// The code of the rule that says no.
    ///
    /// # Panics
    /// Where the character has not joined, or the action is turned away without a verdict.
    pub fn act(&mut self, character: EntityId, verb: &G::Verbs) -> Result<Outcome, Code> {
        let name = self.send(character, verb);
        for _ in 0..TICKS_WAITED_MAX {
            let answers = self.tick().changes.answers;
            let is_mine = |answer: &Answer| answer.character == character && answer.action == name;
            let Some(answer) = answers.into_iter().find(is_mine) else { continue };
            return match answer.kind {
                AnswerKind::Verdict { code: Code::ACCEPTED, detail, reply, .. } => {
                    Ok(Outcome { detail, reply: reply.map(|reply| reply.to_vec()) })
                }
                AnswerKind::Verdict { code, .. } => Err(code),
                other => panic!("{name:?} was turned away: {other:?}"),
            };
        }
        panic!("{name:?} was not answered");
    }

    /// Sends the character's next action, and does not wait.
    ///
    /// # Panics
    /// Where the character has not joined.
    pub fn send(&mut self, character: EntityId, verb: &G::Verbs) -> ActionName {
        let player = self.players.get_mut(&character).expect("only who has joined can act");
        player.last_seq = player.last_seq.next();
        let nonce = Nonce(u32::try_from(player.last_seq.0 % 1_000).expect("below a thousand"));
        let (conn, name) = (player.conn, ActionName { seq: player.last_seq, nonce });
        self.push(WorldEvent::Act {
            conn,
            character,
            name,
            action: Blob(encode(verb)),
            heard: Moment::default(),
        });
        name
    }

    /// The character's connection is lost.
    pub fn sleep(&mut self, character: EntityId) -> TickOutput {
        let conn = self.players[&character].conn;
        self.push(WorldEvent::Sleep { conn, character });
        self.tick()
    }

    /// The character is to leave the world; it goes in a later tick.
    pub fn leave(&mut self, character: EntityId) -> TickOutput {
        let conn = self.players[&character].conn;
        self.push(WorldEvent::Leave { character, conn, ended: false });
        self.tick()
    }

    /// Puts something into the world's queue.
    pub fn push(&mut self, event: WorldEvent) {
        self.machine.push(WorldInput::Event(event));
    }

    /// Hands the world an answer of the store, besides those that it gets by itself.
    pub fn push_load(&mut self, input: WorldInput) {
        self.machine.push(input);
    }

    /// Runs a tick. The loads that it asks for are answered in the next one.
    pub fn tick(&mut self) -> TickOutput {
        let output = self.tick_unanswered();
        for request in &output.loads {
            let (character, asked) = (request.character, request.number);
            let load = self.kept.load_character(character, &request.account);
            self.push_load(WorldInput::Loaded { character, load, asked });
        }
        output
    }

    /// Runs a tick, and leaves it to the test to answer the loads that it asks for.
    pub fn tick_unanswered(&mut self) -> TickOutput {
        let output = self.machine.tick(self.kept.durable());
        self.kept.hold(output.changes.tick, output.rows.clone());
        if self.is_flushing {
            self.kept.flush();
        }
        for outcome in &output.changes.joins {
            if let JoinOutcome::Attached(Attachment { conn, character, last_seq, .. }) = *outcome {
                self.players.insert(character, Player { conn, last_seq });
            }
        }
        output
    }

    /// Runs so many ticks.
    pub fn ticks(&mut self, count: u64) {
        for _ in 0..count {
            self.tick();
        }
    }

    /// Changes the world by hand, between two ticks: the next one collects it.
    pub fn arrange<T>(&mut self, by_hand: impl FnOnce(&mut Change<'_>) -> T) -> T {
        by_hand(&mut self.machine.change())
    }

    /// From now on nothing becomes durable.
    pub fn hold_flushes(&mut self) {
        self.is_flushing = false;
    }

    /// Everything becomes durable, also what was held.
    pub fn release_flushes(&mut self) {
        self.is_flushing = true;
        self.kept.flush();
    }

    /// The process dies, with all that is not durable, and another begins with what is. Hands out what was loaded.
    pub fn restart(&mut self) -> TickOutput {
        self.restart_with(Watchlist::default())
    }

    /// The same within a process, which has learnt something from the world before.
    pub(crate) fn restart_with(&mut self, watchlist: Watchlist) -> TickOutput {
        self.kept.forget_unflushed();
        let (machine, load) = WorldMachine::new::<G>(&self.kept.load(), INPUTS_MAX, watchlist)
            .expect("what was kept can be loaded");
        self.machine = machine;
        self.is_flushing = true;
        self.players.clear();
        load
    }

    /// What the tick was doing that has just panicked.
    #[cfg(test)]
    pub(crate) fn failure(&self) -> Failure {
        self.machine.failure("a panic".to_owned())
    }

    /// What the store would say of a character.
    #[must_use]
    pub fn stored(&self, character: EntityId) -> CharacterLoad {
        self.kept.load_character(character, &self.profile(character).account)
    }

    /// The world as its rules see it.
    #[must_use]
    pub fn look(&self) -> Look<'_> {
        self.machine.look()
    }

    /// The last tick that was run.
    #[must_use]
    pub fn now(&self) -> Tick {
        self.machine.now()
    }

    /// An account that has no character.
    #[must_use]
    pub fn stranger() -> Account {
        kept::account("stranger")
    }

    fn profile(&self, character: EntityId) -> &CharacterProfile {
        self.kept.profile(character).expect("the character was made in this rehearsal")
    }
}

impl<G: Game> Default for Rehearsal<G> {
    fn default() -> Self {
        Self::new()
    }
}
