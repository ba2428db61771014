//! The world machine's behaviour, shown with a toy game.

mod actions;
mod collection;
mod history;
mod joins;
mod leaving;
mod poison;
mod toy;

use holdfast_front::{Answer, AnswerKind, EntityChange, Fate, JoinOutcome};
use holdfast_protocol::{ChunkId, Code, EntityId, PartTag, Tick};

use super::TickOutput;

/// What the tick did to an entity; none where it did nothing.
fn change_of(output: &TickOutput, id: EntityId) -> Option<&EntityChange> {
    output.changes.entities.iter().find(|change| change.id == id)
}

/// Where the entity is after the tick: chunk, home, and since when.
fn place_of(output: &TickOutput, id: EntityId) -> (Option<ChunkId>, Option<EntityId>, Tick) {
    match change_of(output, id).unwrap().fate {
        Fate::Here { chunk, home, entered } => (chunk, home, entered),
        Fate::Gone => panic!("{id} is gone"),
    }
}

/// The tags of the parts that the tick wrote, and whether each has a value.
fn parts_of(output: &TickOutput, id: EntityId) -> Vec<(u16, bool)> {
    let parts = &change_of(output, id).unwrap().parts;
    parts.iter().map(|part| (part.tag.0, part.body.is_some())).collect()
}

/// The tick at which a part got its value.
fn changed_at(output: &TickOutput, id: EntityId, tag: u16) -> Tick {
    let parts = &change_of(output, id).unwrap().parts;
    parts.iter().find(|part| part.tag == PartTag(tag)).unwrap().changed
}

/// The codes of the verdicts, and whether each is a replay.
fn verdicts(answers: &[Answer]) -> Vec<(EntityId, Code, bool)> {
    let verdict = |answer: &Answer| match answer.kind {
        AnswerKind::Verdict { code, replayed, .. } => Some((answer.character, code, replayed)),
        _ => None,
    };
    answers.iter().filter_map(verdict).collect()
}

/// The codes with which the tick turned joins away.
fn refused_joins(output: &TickOutput) -> Vec<Code> {
    let code = |join: &JoinOutcome| match join {
        JoinOutcome::Refused(refusal) => Some(refusal.code),
        JoinOutcome::Attached(_) => None,
    };
    output.changes.joins.iter().filter_map(code).collect()
}
