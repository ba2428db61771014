//! A connection comes to play a character.

use bevy_ecs::world::World;
#[cfg(feature = "sabotage")]
use holdfast_front::failpoint::{Failpoint::Attach, hit};
use holdfast_front::{Attachment, JoinOutcome, JoinRequest};
use holdfast_protocol::{ActionName, ChunkId, Code, EntityId, SessionEpoch};

use super::arrive::arrive;
use super::characters::{Character, Characters, Stay};
use super::loads::{LoadNumber, Loads};
use super::{Change, Now};
use crate::app::Hooks;
use crate::collect::Draft;
use crate::persistence::journal::{Input, InputKind};
use crate::persistence::loaded::CharacterLoad;

/// A connection wants to play a character: it does at once where the character is in the world, also asleep or about
/// to leave; otherwise it waits for the store.
pub(crate) fn join(request: JoinRequest, characters: &mut Characters, world: &mut World) {
    if characters.get(request.character).is_some() {
        attach(&request, characters, world);
    } else {
        world.resource_scope(|world, mut loads: bevy_ecs::world::Mut<'_, Loads>| {
            loads.wait(request, &mut world.resource_mut::<Draft>());
        });
    }
}

/// The store has answered.
pub(crate) fn loaded(
    character: EntityId,
    load: CharacterLoad,
    asked: LoadNumber,
    characters: &mut Characters,
    world: &mut World,
) {
    let Some(join) = world.resource_mut::<Loads>().end(character, asked) else { return };
    let refuse = |code, world: &mut World| world.resource_mut::<Draft>().refuse(join.conn, code);
    match load {
        CharacterLoad::Found(found) if found.profile.account == join.account => {
            // Whoever is in the world is newer than what the store had.
            if characters.get(character).is_none()
                && let Err(error) = arrive(*found, characters, world)
            {
                tracing::error!(%character, %error, "a character cannot be loaded");
                return refuse(Code::INTERNAL, world);
            }
            attach(&join, characters, world);
        }
        CharacterLoad::Found(_) | CharacterLoad::NoSuchCharacter => refuse(Code::NO_SUCH_CHARACTER, world),
        CharacterLoad::Failed => refuse(Code::STORE_UNAVAILABLE, world),
    }
}

fn attach(request: &JoinRequest, characters: &mut Characters, world: &mut World) {
    let id = request.character;
    let Some(character) = characters.get_mut(id).filter(|character| character.account == request.account)
    else {
        return world.resource_mut::<Draft>().refuse(request.conn, Code::NO_SUCH_CHARACTER);
    };
    let resumed = request.resume.is_some_and(|resume| is_resumable(resume, character.session_epoch));
    let was_asleep = matches!(character.stay, Stay::Asleep | Stay::Leaving { was_asleep: true, .. });
    character.stay = Stay::Awake;
    character.conn = Some(request.conn);
    character.session_epoch = SessionEpoch(character.session_epoch.0 + 1);
    let attachment = Attachment {
        conn: request.conn,
        character: id,
        session_epoch: character.session_epoch,
        resumed,
        last_seq: character.last_seq,
        conflict: request.oldest_unanswered.is_some_and(|name| is_conflict(name, character)),
        // The tick may still move it: its end fills in where the view really is.
        center: character.center.unwrap_or(ChunkId(0)),
    };
    characters.note_row_change(id);
    let kind = InputKind::Joined { session_epoch: attachment.session_epoch, resumed };
    let input = Input { tick: world.resource::<Now>().0, character: id, kind };
    let mut draft = world.resource_mut::<Draft>();
    draft.journal(input);
    draft.joins.push(JoinOutcome::Attached(attachment));
    if was_asleep {
        (world.resource::<Hooks>().wake)(id, &mut Change::new(world));
    }
    #[cfg(feature = "sabotage")]
    hit(Attach);
}

/// The latest attachment, or the one before: its successor's token was then lost on the way.
fn is_resumable(resume: SessionEpoch, latest: SessionEpoch) -> bool {
    resume.0 > 0 && (resume == latest || resume.0 + 1 == latest.0)
}

/// Whether the action can neither be answered as the client's own nor be the next one to be decided.
fn is_conflict(name: ActionName, character: &Character) -> bool {
    if name.seq > character.last_seq {
        return name.seq > character.last_seq.next();
    }
    let kept = character.ring.recall(name.seq, character.last_seq);
    kept.is_none_or(|slot| slot.nonce != name.nonce)
}
