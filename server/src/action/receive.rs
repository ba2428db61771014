//! The drain: everything that waits, in arrival order.

use std::collections::{BTreeSet, VecDeque};

use bevy_ecs::world::{Mut, World};
use holdfast_front::measurement::verb_tag;
use holdfast_front::{Answer, AnswerKind, WorldEvent};
use holdfast_protocol::{Code, EntityId, Seq};

use super::Verbs;
use super::decide::{Asked, Decision, decide};
use super::queue::{Queue, WorldInput};
use crate::app::Hooks;
use crate::collect::Draft;
use crate::tick::Phase;
use crate::world::characters::Characters;
use crate::world::{Change, attach, leave};

/// Drains the queue. Before that those who wanted to go, go, and a new world gets its first things.
pub(crate) fn receive<V: Verbs>(world: &mut World) {
    if world.resource_mut::<Phase>().begin_new_world() {
        (world.resource::<Hooks>().new_world)(&mut Change::new(world));
    }
    world.resource_scope(|world, mut characters: Mut<'_, Characters>| {
        leave::unload_due(&mut characters, world);
        refuse_overflow(&characters, world);
        drain::<V>(&mut characters, world);
    });
}

fn drain<V: Verbs>(characters: &mut Characters, world: &mut World) {
    let mut holding = BTreeSet::new();
    let mut held = VecDeque::new();
    for input in world.resource_mut::<Queue>().drain() {
        if waits_behind(&input).is_some_and(|character| holding.contains(&character)) {
            held.push_back(input);
            continue;
        }
        match input {
            WorldInput::Event(WorldEvent::Act { conn, character, name, action, heard }) => {
                let verb = verb_tag(&action.0);
                let asked = Asked { conn, character, name, action };
                match decide::<V>(&asked, characters, world) {
                    Decision::Answered(kind) => {
                        let answer = Answer { conn, character, action: name, verb, heard, kind };
                        world.resource_mut::<Draft>().answers.push(answer);
                    }
                    Decision::Held => {
                        holding.insert(character);
                        let Asked { action, .. } = asked;
                        let act = WorldEvent::Act { conn, character, name, action, heard };
                        held.push_back(WorldInput::Event(act));
                    }
                }
            }
            WorldInput::Event(WorldEvent::Join(request)) => attach::join(request, characters, world),
            WorldInput::Event(WorldEvent::Sleep { conn, character }) => {
                leave::sleep(character, conn, characters, world);
            }
            WorldInput::Event(WorldEvent::Leave { character, conn, ended }) => {
                leave::leave(character, conn, ended, characters, world);
            }
            WorldInput::Loaded { character, load, asked } => {
                attach::loaded(character, load, asked, characters, world);
            }
        }
    }
    world.resource_mut::<Queue>().put_back(held);
}

/// The character behind whose held action an input has to wait. Joins and leaves wait for nobody: they make void what
/// the connection before them still has in the queue, and the client sends that again when it is back.
fn waits_behind(input: &WorldInput) -> Option<EntityId> {
    match input {
        WorldInput::Event(WorldEvent::Act { character, .. } | WorldEvent::Sleep { character, .. }) => {
            Some(*character)
        }
        WorldInput::Event(WorldEvent::Join(_) | WorldEvent::Leave { .. }) | WorldInput::Loaded { .. } => None,
    }
}

fn refuse_overflow(characters: &Characters, world: &mut World) {
    let overflow = world.resource_mut::<Queue>().drain_overflow();
    let mut draft = world.resource_mut::<Draft>();
    for event in overflow {
        match event {
            WorldEvent::Act { conn, character, name, action, heard } => {
                let last = characters.get(character).map_or(Seq(0), |character| character.last_seq);
                let kind = AnswerKind::Refused { code: Code::BUSY, expected: last.next() };
                let verb = verb_tag(&action.0);
                draft.answers.push(Answer { conn, character, action: name, verb, heard, kind });
            }
            WorldEvent::Join(request) => draft.refuse(request.conn, Code::JOINS_BUSY),
            // These are never turned away.
            WorldEvent::Sleep { .. } | WorldEvent::Leave { .. } => {}
        }
    }
}
