//! One of the people of a story: what it has in mind, and what it was told.

use std::collections::{BTreeSet, HashMap};

use holdfast_client::{ClientEvent, LostCause, Stage};
use holdfast_protocol::{ActionName, EntityId, ResyncKind, UNANSWERED_MAX};
use holdfast_tests::{Player, Sim};
use rand::RngExt as _;
use rand::rngs::StdRng;
use village::Village;
use village::action::{Drop, Move, PickUp, Say, Verb};
use village::component::{Item, Position};
use village::map::Terrain;
use village::tile::Tile;
use village::tile_index::TileIndex;

use crate::tally::Tally;

/// How many actions somebody has under way: more would be stale before they are decided.
const UNDER_WAY_MAX: usize = 4;

pub(crate) struct Person {
    pub(crate) player: Player,
    pub(crate) reads: bool,
    /// The world was restarted since the last Welcome.
    restarted: bool,
    /// The two places between which it goes to and fro; it is on its way to the first.
    errand: [Tile; 2],
    /// Where its last step leads.
    stepping_to: Option<Tile>,
    /// What it has asked for and was not answered, and how that is counted.
    asked: HashMap<ActionName, &'static str>,
    was_present: bool,
    seen: BTreeSet<EntityId>,
    out_of_sight: BTreeSet<EntityId>,
}

impl Person {
    pub(crate) fn new(player: Player, errand: [Tile; 2]) -> Self {
        Self {
            player,
            reads: true,
            restarted: false,
            errand,
            stepping_to: None,
            asked: HashMap::new(),
            was_present: false,
            seen: BTreeSet::new(),
            out_of_sight: BTreeSet::new(),
        }
    }

    /// Does something, or nothing.
    pub(crate) fn live(&mut self, sim: &mut Sim<Village>, rng: &mut StdRng, tally: &mut Tally) {
        if !sim.is_connected(self.player) {
            if rng.random_bool(0.15) {
                sim.connect(self.player);
            }
            return;
        }
        match rng.random_range(0..1_000) {
            0..8 => sim.disconnect(self.player),
            8..12 => sim.vanish(self.player),
            12..16 => {
                sim.leave(self.player);
                tally.count("left");
            }
            16..20 => self.set_reading(sim, false),
            20..60 if !self.reads => self.set_reading(sim, true),
            _ if sim.client(self.player).stage() == Stage::Playing => self.act(sim, rng),
            _ => {}
        }
    }

    /// The world has lost its memory.
    pub(crate) fn live_through_restart(&mut self) {
        self.restarted = true;
        self.was_present = false;
    }

    /// Waits for its answers, and for nothing else.
    pub(crate) fn calm_down(&mut self, sim: &mut Sim<Village>) {
        self.set_reading(sim, true);
        if sim.client(self.player).unanswered_count() > UNDER_WAY_MAX {
            // Too many words, which at the pace of a session would take minutes; on a new one they are said at once.
            sim.disconnect(self.player);
        }
        if !sim.is_connected(self.player) {
            sim.connect(self.player);
        }
    }

    fn set_reading(&mut self, sim: &mut Sim<Village>, reads: bool) {
        self.reads = reads;
        sim.set_reading(self.player, reads);
    }

    pub(crate) fn assert_all_was_answered(&self) {
        assert!(self.asked.is_empty(), "{:?} was never answered: {:?}", self.player, self.asked);
    }

    fn act(&mut self, sim: &mut Sim<Village>, rng: &mut StdRng) {
        let me = sim.character(self.player);
        let Some(here) = sim.world().get::<Position>(me).map(|position| position.tile) else { return };
        if sim.client(self.player).unanswered_count() >= UNDER_WAY_MAX {
            return;
        }
        if rng.random_bool(0.001) {
            return self.babble(sim);
        }
        let berry = berry_beside(sim, here);
        let carried = sim.world().belongings(me).find(|id| !id.is_character());
        match (rng.random_range(0..100), berry, carried) {
            (0..4, _, _) => self.ask(sim, "say", &Verb::Say(Say { text: "Good day.".to_owned() })),
            (4..20, Some(item), _) => self.ask(sim, "pick up", &Verb::PickUp(PickUp { item })),
            (20..28, Some(item), _) => {
                self.ask(sim, "pick up", &Verb::PickUp(PickUp { item }));
                self.ask(sim, "drop in the flush of the pick-up", &Verb::Drop(Drop { item }));
            }
            (28..36, _, Some(item)) => self.ask(sim, "drop", &Verb::Drop(Drop { item })),
            _ => {
                let is_on_its_way = sim.client(self.player).unanswered_count() > 0;
                let from = self.stepping_to.filter(|_| is_on_its_way).unwrap_or(here);
                let to = self.next_step(sim, rng, from);
                self.stepping_to = Some(to);
                self.ask(sim, "move", &Verb::Move(Move { to }));
            }
        }
    }

    /// More words than a chunk holds, and in the long run more than one may say.
    fn babble(&mut self, sim: &mut Sim<Village>) {
        for _ in 0..UNANSWERED_MAX - UNDER_WAY_MAX {
            self.ask(sim, "say", &Verb::Say(Say { text: "Bla.".to_owned() }));
        }
    }

    fn ask(&mut self, sim: &mut Sim<Village>, what: &'static str, verb: &Verb) {
        let name = sim.act(self.player, verb);
        assert_eq!(self.asked.insert(name, what), None, "an action has a name of its own");
    }

    /// Mostly towards where it wants to go, sometimes anywhere, also where one cannot go.
    fn next_step(&mut self, sim: &Sim<Village>, rng: &mut StdRng, here: Tile) -> Tile {
        if here.steps_to(self.errand[0]) <= 1 {
            self.errand.reverse();
        }
        let [goal, _] = self.errand;
        let around: Vec<Tile> = here.ring(1).collect();
        let any = around[rng.random_range(0..around.len())];
        let terrain = sim.world().resource::<Terrain>();
        let index = sim.world().resource::<TileIndex>();
        let is_free = |tile: &Tile| terrain.is_walkable(*tile) && !index.is_taken(*tile, EntityId(0));
        let nearest = around.iter().copied().filter(is_free).min_by_key(|tile| tile.steps_to(goal));
        nearest.filter(|_| rng.random_bool(0.85)).unwrap_or(any)
    }

    /// Takes in what the client was told.
    pub(crate) fn hear(&mut self, sim: &mut Sim<Village>, tally: &mut Tally) {
        for event in sim.heard(self.player) {
            match event {
                ClientEvent::Verdict(verdict) => {
                    let what = self.asked.remove(&verdict.action);
                    let what =
                        what.unwrap_or_else(|| panic!("{verdict:?} was not asked for, or is the second"));
                    let is_accepted = verdict.code == holdfast_protocol::Code::ACCEPTED;
                    tally.count(if is_accepted { what } else { "rejected by a rule" });
                }
                ClientEvent::Welcomed(welcomed) => {
                    let restarted = std::mem::take(&mut self.restarted);
                    tally.count(match welcomed.resync {
                        ResyncKind::Delta if restarted => "came back to a delta after a restart",
                        ResyncKind::Delta => "came back to a delta",
                        ResyncKind::SnapshotFresh => "came for the first time",
                        _ => "came back too late",
                    });
                }
                ClientEvent::Refused(_) => tally.count("refused"),
                ClientEvent::Closed(_) | ClientEvent::Lost(LostCause::Silent) => tally.count("closed"),
                event @ (ClientEvent::Diverged(_) | ClientEvent::GaveUp(_) | ClientEvent::Lost(_)) => {
                    panic!("{:?} was told {event:?}", self.player);
                }
                _ => {}
            }
        }
    }

    /// Looks whom the client sees, and whether its own character is in the world at all.
    pub(crate) fn look_around(&mut self, sim: &Sim<Village>, tally: &mut Tally) {
        let is_present = sim.world().is_present(sim.character(self.player));
        if self.was_present && !is_present {
            tally.count("unloaded");
        }
        self.was_present = is_present;
        if sim.client(self.player).stage() != Stage::Playing {
            return;
        }
        let copy = sim.client(self.player).copy();
        let seen: BTreeSet<_> =
            copy.chunks().flat_map(|(_, place)| place.ids()).filter(|id| id.is_character()).collect();
        for id in self.seen.difference(&seen).filter(|id| sim.world().is_present(**id)) {
            tally.count("out of sight");
            self.out_of_sight.insert(*id);
        }
        for id in seen.difference(&self.seen) {
            if self.out_of_sight.remove(id) {
                tally.count("in sight again");
            }
        }
        self.seen = seen;
    }
}

/// A berry within reach, if the world as it runs has one.
fn berry_beside(sim: &Sim<Village>, here: Tile) -> Option<EntityId> {
    let (world, index) = (sim.world(), sim.world().resource::<TileIndex>());
    let around = here.ring(0).chain(here.ring(1));
    around.flat_map(|tile| index.on(tile)).find(|id| world.get::<Item>(*id).is_some())
}
