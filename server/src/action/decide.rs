//! How one action is decided: whether it was decided before, and if not, whether the rules allow it.
//!
//! The tick decides this as it drains the queue, and nobody before it: what stands in the ring is speculation until
//! the tick is durable, like all else.

use bevy_ecs::world::World;
#[cfg(feature = "sabotage")]
use holdfast_front::failpoint::{Failpoint::TickPanic, hit};
#[cfg(feature = "sabotage")]
use holdfast_front::sabotage::{
    Sabotage::{S3, S14},
    is_on,
};
use holdfast_front::{AnswerKind, Conn};
use holdfast_protocol::codec::read_varint;
use holdfast_protocol::{ActionName, Blob, Code, EntityId, Tick, decode};

use super::evidence::Evidence;
use super::ring::Slot;
use super::{Action, Actor, Outcome, Rejection, Verbs};
use crate::collect::Draft;
use crate::persistence::journal::{Input, InputKind};
use crate::poison::Watchlist;
use crate::world::characters::{Character, Characters, Stay};
use crate::world::touches::Touches;
use crate::world::{Change, Look, Now};

/// What becomes of an action.
#[derive(Debug)]
pub(crate) enum Decision {
    /// It is answered.
    Answered(AnswerKind),
    /// It waits, and its character's later actions behind it: its cooldown has not passed, or a suspect is to be alone
    /// in its flush.
    Held,
}

/// An action that waits to be decided.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The connection that sent it.
    pub(crate) conn: Conn,
    /// The character that is to do it.
    pub(crate) character: EntityId,
    /// What names it.
    pub(crate) name: ActionName,
    /// The verb's tag and payload.
    pub(crate) action: Blob,
}

/// Decides one action.
pub(crate) fn decide<V: Verbs>(asked: &Asked, characters: &mut Characters, world: &mut World) -> Decision {
    let Asked { conn, character: id, name, ref action } = *asked;
    let Some(character) = characters.get_mut(id).filter(|character| is_played_by(character, conn)) else {
        return Decision::Answered(AnswerKind::Void);
    };
    let expected = character.last_seq.next();
    // S3 breaks the promise that an action happens once, S14 that none is passed over.
    #[cfg(feature = "sabotage")]
    let expected = if (is_on(S3) && name.seq < expected) || (is_on(S14) && name.seq > expected) {
        name.seq
    } else {
        expected
    };
    if name.seq != expected {
        return Decision::Answered(answer_again(name, character));
    }
    if world.resource::<Watchlist>().is_condemned(id, name) {
        // Nothing of the game's looks at it any more. It is recorded by its verb, under its character.
        let record = Record { action: tag_of(action), is_in_history: true };
        let now = world.resource::<Now>().0;
        world.resource_mut::<Evidence>().rejected_condemned(now);
        return Decision::Answered(settle(asked, record, Code::INTERNAL, Outcome::done(), characters, world));
    }
    // The front reads every action before it passes it on, so a client never sees this.
    let Ok(verb) = decode::<V>(&action.0) else {
        return Decision::Answered(AnswerKind::Refused { code: Code::MALFORMED, expected });
    };
    let now = world.resource::<Now>().0;
    if character.ready_at.get(verb.name()).is_some_and(|ready| now < *ready) {
        return Decision::Held;
    }
    let is_suspect = world.resource::<Watchlist>().is_suspect(id, name.seq);
    if !world.resource_mut::<Evidence>().may_decide(is_suspect) {
        return Decision::Held;
    }
    world.resource_mut::<Evidence>().begin(id, name);
    world.resource_mut::<Touches>().begin();
    let (code, outcome) = match verb.decide(Actor { character: id }, world) {
        Ok(outcome) => (Code::ACCEPTED, outcome),
        Err(code) => (code, Outcome::done()),
    };
    let record = Record { action: Blob(verb.journaled()), is_in_history: verb.is_in_history() };
    // From here on no code of the game's is at work for this action alone.
    let mut evidence = world.resource_mut::<Evidence>();
    evidence.end();
    if code == Code::ACCEPTED {
        evidence.took_effect(now, id, name, is_suspect);
    }
    if verb.cooldown_ticks() > 0 {
        character.ready_at.insert(verb.name(), Tick(now.0 + verb.cooldown_ticks()));
    }
    Decision::Answered(settle(asked, record, code, outcome, characters, world))
}

/// What the journal is to keep of an action.
struct Record {
    /// The verb's tag, and what the verb lets it keep of its payload.
    action: Blob,
    /// Whether it is found by what it touched.
    is_in_history: bool,
}

/// The action has its verdict, durably: its `seq` is used, and asking again is answered from the ring.
fn settle(
    asked: &Asked,
    record: Record,
    code: Code,
    outcome: Outcome,
    characters: &mut Characters,
    world: &mut World,
) -> AnswerKind {
    let Asked { character: id, name, .. } = *asked;
    let Outcome { detail, reply } = outcome;
    if let Some(character) = characters.get_mut(id) {
        character.last_seq = name.seq;
        character.ring.remember(name.seq, Slot { nonce: name.nonce, code, detail });
    }
    characters.note_row_change(id);
    journal(record, (id, name), code, world);
    AnswerKind::Verdict { code, detail, reply: reply.map(Into::into), replayed: false }
}

/// Writes down what was decided, with what it touched.
fn journal(record: Record, (character, name): (EntityId, ActionName), code: Code, world: &mut World) {
    let touched = world.resource_mut::<Touches>().end(character);
    let tick = world.resource::<Now>().0;
    let mut draft = world.resource_mut::<Draft>();
    if record.is_in_history {
        draft.rows.indexed.insert(character);
        draft.rows.indexed.extend(touched.iter().map(|touched| touched.entity));
    }
    let kind = InputKind::Acted { name, code, action: record.action, touched };
    draft.rows.inputs.push(Input { tick, character, kind });
}

/// The verb's tag alone: a varint, with which every action begins.
fn tag_of(action: &Blob) -> Blob {
    let payload = read_varint(&action.0).map_or(&[][..], |(_, payload)| payload);
    Blob(action.0[..action.0.len() - payload.len()].to_vec())
}

/// Validates, and where the rules allow it, applies: what `actions!` calls for each of its verbs.
///
/// # Errors
/// The code of the rule that says no; the world is then as it was.
pub fn attempt<A: Action>(tag: u8, action: &A, me: Actor, world: &mut World) -> Result<Outcome, Code> {
    let plan =
        action.validate(me, &Look { world }).map_err(|rejection| Code::of_verb(tag, rejection.number()))?;
    let outcome = A::apply(plan, me, &mut Change::new(world));
    #[cfg(feature = "sabotage")]
    hit(TickPanic);
    Ok(outcome)
}

fn is_played_by(character: &Character, conn: Conn) -> bool {
    character.conn == Some(conn) && !matches!(character.stay, Stay::Leaving { .. })
}

/// The answer to an action that is not the next one.
fn answer_again(name: ActionName, character: &Character) -> AnswerKind {
    let (last, expected) = (character.last_seq, character.last_seq.next());
    if name.seq > expected {
        return AnswerKind::Refused { code: Code::SEQ_GAP, expected };
    }
    match character.ring.recall(name.seq, last) {
        Some(Slot { nonce, code, detail }) if nonce == name.nonce => {
            AnswerKind::Verdict { code, detail, reply: None, replayed: true }
        }
        Some(_) => AnswerKind::Refused { code: Code::SEQ_CONFLICT, expected },
        None => AnswerKind::Refused { code: Code::SEQ_EXPIRED, expected },
    }
}
