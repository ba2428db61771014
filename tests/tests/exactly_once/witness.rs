//! What was asked and answered, and what came of it in the store.

use std::collections::HashMap;

use holdfast::persistence::durable::Durable;
use holdfast::persistence::rows::ComponentRow;
use holdfast_client::ClientEvent;
use holdfast_protocol::{ActionName, Code, EntityId};
use holdfast_tests::{Player, Sim};
use village::Village;
use village::action::{Move, Say, Verb};
use village::component::{Position, Utterance};
use village::map::Terrain;
use village::tile::Tile;
use village::tile_index::TileIndex;

pub(crate) fn say(text: &str) -> Verb {
    Verb::Say(Say { text: text.to_owned() })
}

pub(crate) fn moved(to: Tile) -> Verb {
    Verb::Move(Move { to })
}

/// One player's actions and their verdicts.
#[derive(Default)]
pub(crate) struct Witness {
    asked: Vec<ActionName>,
    verdicts: HashMap<ActionName, Code>,
}

impl Witness {
    pub(crate) fn ask(&mut self, sim: &mut Sim<Village>, player: Player, verb: &Verb) -> ActionName {
        let name = sim.act(player, verb);
        self.asked.push(name);
        name
    }

    /// Takes in what the client was told.
    ///
    /// # Panics
    /// Where an action is answered that was not asked for, or was answered before; where one is given up.
    pub(crate) fn hear(&mut self, sim: &mut Sim<Village>, player: Player) {
        for event in sim.heard(player) {
            match event {
                ClientEvent::Verdict(verdict) => {
                    assert!(self.asked.contains(&verdict.action), "not asked for: {verdict:?}");
                    let earlier = self.verdicts.insert(verdict.action, verdict.code);
                    assert_eq!(earlier, None, "answered twice: {verdict:?}");
                }
                ClientEvent::GaveUp(gone) => panic!("{gone:?}"),
                _ => {}
            }
        }
    }

    pub(crate) fn code(&self, action: ActionName) -> Option<Code> {
        self.verdicts.get(&action).copied()
    }

    /// The verdicts so far, in the order in which the actions were asked for.
    pub(crate) fn codes(&self) -> Vec<Code> {
        self.asked.iter().filter_map(|action| self.code(*action)).collect()
    }
}

fn rows<C: Durable>(sim: &Sim<Village>) -> impl Iterator<Item = (EntityId, &ComponentRow)> {
    let place = sim.store().definitions().iter().position(|table| table.table == C::TABLE);
    let place = place.expect("the village has such a table");
    sim.store().tables().components[place].iter().map(|(id, row)| (*id, row))
}

/// All words that are in the store, sorted.
pub(crate) fn said(sim: &Sim<Village>) -> Vec<String> {
    let utterances = rows::<Utterance>(sim);
    let mut said: Vec<_> =
        utterances.map(|(_, row)| Utterance::from_row(&row.row).expect("its own row").text).collect();
    said.sort();
    said
}

/// Where the player's character is, as the store has it.
pub(crate) fn stored_position(sim: &Sim<Village>, player: Player) -> Option<Tile> {
    let me = sim.character(player);
    let (_, row) = rows::<Position>(sim).find(|(id, _)| *id == me)?;
    Some(Position::from_row(&row.row).expect("its own row").tile)
}

/// Where the player's character is in the world.
pub(crate) fn position(sim: &Sim<Village>, player: Player) -> Tile {
    sim.world().get::<Position>(sim.character(player)).expect("it is in the world").tile
}

/// A free tile beside the player's character.
pub(crate) fn beside(sim: &Sim<Village>, player: Player) -> Tile {
    let (terrain, index) = (sim.world().resource::<Terrain>(), sim.world().resource::<TileIndex>());
    let is_free = |tile: &Tile| terrain.is_walkable(*tile) && !index.is_taken(*tile, EntityId(0));
    position(sim, player).ring(1).find(is_free).expect("there is room")
}
