//! One random story of the village, and what is checked at each of its steps.

use std::time::Duration;

use holdfast::persistence::store::{StoreError, StoreErrorClass, StoreRequest};
use holdfast_client::Stage;
use holdfast_tests::Sim;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use village::Village;
use village::tile::Tile;

use crate::person::Person;
use crate::tally::Tally;
use crate::truth::{assert_berries_are_conserved, assert_copy_is_true};

/// The people, and the two places between which each goes to and fro. The first two walk out of each other's sight and
/// back; the next two cross a border of chunks, the second far enough for its view to follow; the last two stay where
/// berries lie.
const PEOPLE: [(&str, [Tile; 2]); 6] = [
    ("Ada", [Tile { x: 8, y: 34 }, Tile { x: 32, y: 34 }]),
    ("Bob", [Tile { x: 56, y: 34 }, Tile { x: 32, y: 33 }]),
    ("Cyd", [Tile { x: 30, y: 35 }, Tile { x: 33, y: 35 }]),
    ("Dee", [Tile { x: 25, y: 33 }, Tile { x: 38, y: 35 }]),
    ("Eve", [Tile { x: 32, y: 48 }, Tile { x: 32, y: 60 }]),
    ("Fay", [Tile { x: 20, y: 16 }, Tile { x: 32, y: 20 }]),
];

/// A village, the people in it, and what happens to them.
pub(crate) struct Life {
    sim: Sim<Village>,
    rng: StdRng,
    people: Vec<Person>,
    tally: Tally,
    has_slept: bool,
}

impl Life {
    pub(crate) fn new(seed: u64) -> Self {
        let mut sim = Sim::new(seed);
        let person = |(name, errand)| Person::new(sim.person(name, name), errand);
        let people = PEOPLE.into_iter().map(person).collect();
        Self { sim, rng: StdRng::seed_from_u64(seed), people, tally: Tally::default(), has_slept: false }
    }

    /// One tick of the story, with its accidents.
    pub(crate) fn tick(&mut self) {
        let Self { sim, rng, people, tally, .. } = self;
        for person in people {
            person.live(sim, rng, tally);
        }
        if !sim.tick() {
            tally.count("stood still");
        }
        match self.rng.random_range(0..1_000) {
            0..40 => self.break_the_store(),
            40..50 => self.restart(),
            50..53 if !self.has_slept => self.sleep(),
            53..600 => self.commit(),
            _ => {}
        }
        self.hear();
    }

    /// Everybody comes back and is answered, and all is durable.
    pub(crate) fn end(&mut self) -> &Tally {
        // A client that lost its connection to a broken store comes back once more.
        for _ in 0..3 {
            for person in &mut self.people {
                person.calm_down(&mut self.sim);
            }
            for _ in 0..4 {
                self.sim.tick();
                self.commit();
            }
        }
        self.sim.settle();
        self.commit();
        self.hear();
        assert!(self.sim.is_settled());
        for person in &self.people {
            person.assert_all_was_answered();
            assert_eq!(self.sim.client(person.player).stage(), Stage::Playing);
            assert_copy_is_true(&self.sim, person.player);
        }
        assert_berries_are_conserved(&self.sim);
        self.tally.add("a hash compared", self.sim.checked_hash_count());
        &self.tally
    }

    fn commit(&mut self) {
        self.sim.commit();
        self.sim.assert_copies_are_fresh();
        assert_eq!(self.sim.stopped(), None);
        let is_checked = self.sim.is_settled() && self.rng.random_bool(0.1);
        if is_checked {
            assert_berries_are_conserved(&self.sim);
        }
        for person in &mut self.people {
            person.look_around(&self.sim, &mut self.tally);
            let client = self.sim.client(person.player);
            let is_current =
                client.stage() == Stage::Playing && client.copy().held().is_some() && person.reads;
            if is_checked && is_current {
                assert_copy_is_true(&self.sim, person.player);
                self.tally.count("compared with the world");
            }
        }
    }

    fn hear(&mut self) {
        for person in &mut self.people {
            person.hear(&mut self.sim, &mut self.tally);
        }
    }

    /// The connection to the store is lost with a flush on its way, or with its answer.
    fn break_the_store(&mut self) {
        let error = StoreError::new(StoreErrorClass::Unknown, "", "lost");
        let is_flush = matches!(self.sim.store().waiting(), Some(StoreRequest::Flush(_)));
        let after = self.rng.random_bool(0.5);
        self.sim.break_store(error, after);
        if is_flush {
            self.tally.count(if after { "broken after the flush" } else { "broken before the flush" });
            if self.rng.random_bool(0.2) {
                self.restart();
            }
        }
    }

    /// The process dies with whatever is on its way to the store.
    fn restart(&mut self) {
        self.sim.restart();
        self.tally.count("restart");
        for person in &mut self.people {
            person.live_through_restart();
        }
    }

    /// Those who are away sleep until their characters leave the world, and perhaps until they cannot come back to
    /// their sessions.
    fn sleep(&mut self) {
        self.has_slept = true;
        let seconds = if self.rng.random_bool(0.5) { 61 } else { 122 };
        self.commit();
        self.sim.pass(Duration::from_secs(seconds));
        self.commit();
    }
}
