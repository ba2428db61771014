//! A character falls asleep, and goes.
//!
//! It goes only when everything of its own is durable, so that whoever loads it next finds all of it.

use bevy_ecs::world::World;
use holdfast_front::{CharacterGone, Conn};
use holdfast_protocol::{Code, EntityId, SessionEpoch};

use super::Change;
use super::Now;
use super::characters::{Characters, Stay};
use super::identity::{Belongings, Entities};
use super::loads::Loads;
use crate::app::Hooks;
use crate::collect::Draft;
use crate::persistence::journal::{Input, InputKind};
use crate::tick::Phase;

/// The connection is lost. Where it only waited for the character, it waits no longer.
pub(crate) fn sleep(id: EntityId, conn: Conn, characters: &mut Characters, world: &mut World) {
    if world.resource_mut::<Loads>().forget(id, conn) {
        return world.resource_mut::<Draft>().refuse(conn, Code::SILENT);
    }
    if let Some(character) = characters.get_mut(id)
        && character.conn == Some(conn)
        && character.stay == Stay::Awake
    {
        character.stay = Stay::Asleep;
        (world.resource::<Hooks>().sleep)(id, &mut Change::new(world));
    }
}

/// The character is to go, unless another connection plays it by now.
pub(crate) fn leave(
    id: EntityId,
    conn: Conn,
    session_ended: bool,
    characters: &mut Characters,
    world: &mut World,
) {
    if world.resource_mut::<Loads>().forget(id, conn) {
        return world.resource_mut::<Draft>().refuse(conn, Code::SILENT);
    }
    let Some(character) = characters.get_mut(id).filter(|character| character.conn == Some(conn)) else {
        return;
    };
    let (was_asleep, had_ended) = match character.stay {
        Stay::Awake => (false, false),
        Stay::Asleep => (true, false),
        Stay::Leaving { was_asleep, session_ended } => (was_asleep, session_ended),
    };
    character.stay = Stay::Leaving { was_asleep, session_ended: session_ended || had_ended };
    if session_ended && !had_ended {
        // By two: a session can be resumed by the latest attachment or the one before, and this one is to be neither.
        character.session_epoch = SessionEpoch(character.session_epoch.0 + 2);
        characters.note_row_change(id);
    }
}

/// Those who wanted to go, go: with everything that is theirs, and without a trace in the store.
pub(crate) fn unload_due(characters: &mut Characters, world: &mut World) {
    let durable = world.resource::<Phase>().durable();
    for character in characters.ready_to_go(durable) {
        let things: Vec<EntityId> = world.resource::<Belongings>().of(character).collect();
        for thing in things {
            world.resource_mut::<Draft>().unloaded.insert(thing);
            if let Some(entity) = world.resource::<Entities>().get(thing) {
                world.despawn(entity);
            }
        }
        characters.remove(character);
        let input = Input { tick: world.resource::<Now>().0, character, kind: InputKind::Left };
        let mut draft = world.resource_mut::<Draft>();
        draft.journal(input);
        draft.gone.push(CharacterGone { character });
    }
}
