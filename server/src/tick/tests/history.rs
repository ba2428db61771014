//! Whatever happens: what was told of the world, taken together, is what the store has of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use holdfast_front::{Fate, WorldEvent};
use holdfast_protocol::{EntityId, PartTag, Tick};

use super::toy::{Crush, DROWSY, LABEL, Make, Put, Step, Take, Toy, Verb};
use crate::{Rehearsal, TickOutput};

/// An entity's parts, with the ticks at which they got their values.
type Parts = BTreeMap<PartTag, (Tick, Arc<[u8]>)>;

/// Everything that was told, put together.
#[derive(Default, Debug, PartialEq)]
struct Copy(BTreeMap<EntityId, (Fate, Parts)>);

impl Copy {
    fn apply(&mut self, output: &TickOutput) {
        for change in &output.changes.entities {
            if change.fate == Fate::Gone {
                self.0.remove(&change.id);
                continue;
            }
            let (fate, parts) = self.0.entry(change.id).or_insert((change.fate, BTreeMap::new()));
            *fate = change.fate;
            for part in &change.parts {
                match &part.body {
                    Some(body) => drop(parts.insert(part.tag, (part.changed, Arc::clone(body)))),
                    None => drop(parts.remove(&part.tag)),
                }
            }
        }
    }

    /// What belongs to the world itself.
    fn of_the_world(mut self) -> Self {
        self.0.retain(|_, (fate, _)| matches!(fate, Fate::Here { home: None, .. }));
        self
    }
}

/// A small generator of numbers: the same seed, the same story.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn verb(&mut self) -> Verb {
        let stone = EntityId(2 * self.below(20));
        match self.below(8) {
            0 => Verb::Take(Take { stone }),
            1 => Verb::Put(Put { stone }),
            2 => Verb::Make(Make),
            3 => Verb::Crush(Crush { stone }),
            _ => Verb::Step(Step { to: u32::try_from(self.below(40)).unwrap() }),
        }
    }
}

#[test]
fn what_was_told_is_what_is_loaded() {
    for seed in 0..20 {
        let mut dice = Dice(seed);
        let mut world = Rehearsal::<Toy>::new();
        let mut copy = Copy::default();
        copy.apply(&world.restart());
        let players: Vec<_> = ["Ada", "Bob", "Cid"].map(|name| world.make_character(name)).to_vec();
        for _ in 0..200 {
            let player = players[usize::try_from(dice.below(3)).unwrap()];
            match dice.below(10) {
                0 => {
                    let request = world.join_request(player);
                    world.push(WorldEvent::Join(request));
                }
                1 if world.look().is_present(player) => copy.apply(&world.sleep(player)),
                2 if world.look().is_present(player) => copy.apply(&world.leave(player)),
                _ if world.look().is_present(player) => drop(world.send(player, &dice.verb())),
                _ => {}
            }
            copy.apply(&world.tick());
        }
        for player in &players {
            if world.look().is_present(*player) {
                let (_, parts) = &copy.0[player];
                assert!(parts.contains_key(&PartTag(LABEL)));
            }
        }
        let mut loaded = Copy::default();
        loaded.apply(&world.restart());
        assert!(loaded.0.values().all(|(_, parts)| !parts.contains_key(&PartTag(DROWSY))));
        assert_eq!(copy.of_the_world(), loaded, "seed {seed}");
    }
}
