//! A world machine with people in it, without a store: what their characters have is handed in.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;

use holdfast::persistence::loaded::{CharacterLoad, LoadedCharacter, LoadedEntity, LoadedWorld};
use holdfast::persistence::rows::CharacterProfile;
use holdfast::poison::Watchlist;
use holdfast::{Game, TickOutput, WorldInput, WorldMachine};
use holdfast_front::{
    Account, AnswerKind, Conn, HelloRequest, JoinOutcome, JoinRequest, Limits, Moment, TickChanges,
    WorldEvent,
};
use holdfast_protocol::{
    ActionName, Blob, Code, EntityId, Epoch, EpochTag, Nonce, Seq, SessionEpoch, Tick, WorldId, encode,
};

use crate::stage::first_hello;

/// A world of which a store has these entities. One that has none is new, and gets its game's first things.
#[must_use]
pub fn loaded_world(entities: Vec<LoadedEntity>) -> LoadedWorld {
    LoadedWorld {
        world: WorldId(1),
        epoch: Epoch(1),
        tag: EpochTag(1),
        tick: Tick(100),
        history: Vec::new(),
        next_id: entities.last().map_or(2, |last| last.id.0 + 2),
        resume_key: [7; 32],
        is_new: entities.is_empty(),
        entities,
    }
}

/// The character of somebody who has never played.
#[must_use]
pub fn newcomer(number: usize) -> LoadedCharacter {
    let profile = CharacterProfile {
        id: EntityId(2 * number as u64 + 1),
        account: Account { issuer: Arc::from("bench"), subject: Arc::from(format!("person {number}")) },
        name: format!("P{number}"),
        archetype: "villager".to_owned(),
    };
    LoadedCharacter {
        profile,
        last_seq: Seq(0),
        session_epoch: SessionEpoch(0),
        ring: None,
        entities: Vec::new(),
    }
}

/// A world in which everybody plays. People are numbered from zero.
pub struct Peopled<G: Game> {
    machine: WorldMachine,
    people: Vec<Person>,
    game: PhantomData<G>,
}

struct Person {
    character: EntityId,
    account: Account,
    last_seq: Seq,
}

impl<G: Game> Peopled<G> {
    /// The world into which all of them have come, and everything that caused, tick by tick: the load first.
    ///
    /// # Panics
    /// Where what is loaded is no world of this game, or somebody does not get in.
    #[must_use]
    pub fn new(loaded: &LoadedWorld, characters: Vec<LoadedCharacter>) -> (Self, Vec<TickOutput>) {
        let inputs_max = Limits::default().world_inputs_max(characters.len());
        let (machine, load) = WorldMachine::new::<G>(loaded, inputs_max, Watchlist::default())
            .expect("what is made by hand is a world of its game");
        let person = |LoadedCharacter { profile, last_seq, .. }: &LoadedCharacter| Person {
            character: profile.id,
            account: profile.account.clone(),
            last_seq: *last_seq,
        };
        let people: Vec<_> = characters.iter().map(person).collect();
        let mut peopled = Self { machine, people, game: PhantomData };
        let arrivals = peopled.join(characters);
        (peopled, [load].into_iter().chain(arrivals).collect())
    }

    fn join(&mut self, characters: Vec<LoadedCharacter>) -> [TickOutput; 2] {
        for (number, Person { character, account, .. }) in self.people.iter().enumerate() {
            self.machine.push(WorldInput::Event(WorldEvent::Join(JoinRequest {
                conn: conn(number),
                account: account.clone(),
                character: *character,
                resume: None,
                oldest_unanswered: None,
            })));
        }
        let asked = self.tick();
        let mut found: BTreeMap<_, _> =
            characters.into_iter().map(|character| (character.profile.id, character)).collect();
        for request in &asked.loads {
            let character = found.remove(&request.character).expect("each is asked for once");
            let load = CharacterLoad::Found(Box::new(character));
            let (character, asked) = (request.character, request.number);
            self.machine.push(WorldInput::Loaded { character, load, asked });
        }
        let arrived = self.tick();
        let is_in = |outcome: &&JoinOutcome| matches!(outcome, JoinOutcome::Attached(_));
        assert_eq!(arrived.changes.joins.iter().filter(is_in).count(), self.people.len(), "all get in");
        [asked, arrived]
    }

    /// A person's character.
    #[must_use]
    pub fn character(&self, number: usize) -> EntityId {
        self.people[number].character
    }

    /// What a person's connection says to a front, to be let in with the tick that attaches it.
    #[must_use]
    pub fn hello(&self, number: usize) -> (Conn, HelloRequest) {
        let Person { character, account, .. } = &self.people[number];
        (conn(number), first_hello(account.clone(), *character))
    }

    /// A person sends an action. It waits for the next tick.
    pub fn send(&mut self, number: usize, verb: &G::Verbs) {
        let person = &mut self.people[number];
        person.last_seq = person.last_seq.next();
        let name = ActionName { seq: person.last_seq, nonce: Nonce(4_000_000_000) };
        let (character, action) = (person.character, Blob(encode(verb)));
        let act = WorldEvent::Act { conn: conn(number), character, name, action, heard: Moment::default() };
        self.machine.push(WorldInput::Event(act));
    }

    /// Runs the next tick. Everything before it counts as committed.
    pub fn tick(&mut self) -> TickOutput {
        self.machine.tick(self.machine.now())
    }
}

/// A person's connection.
fn conn(number: usize) -> Conn {
    Conn(number as u64 + 1)
}

/// How many actions a tick has accepted.
#[must_use]
pub fn accepted_count(changes: &TickChanges) -> usize {
    let is_accepted =
        |kind: &AnswerKind| matches!(kind, AnswerKind::Verdict { code: Code::ACCEPTED, replayed: false, .. });
    changes.answers.iter().filter(|answer| is_accepted(&answer.kind)).count()
}
