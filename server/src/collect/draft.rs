//! What the tick at hand has caused so far.

use std::collections::{BTreeMap, BTreeSet};

use bevy_ecs::resource::Resource;
use holdfast_front::Conn;
use holdfast_front::{
    Answer, CharacterGone, EntityChange, JoinOutcome, JoinRefusal, PartChange, TickChanges, TickTimes,
};
use holdfast_protocol::{ChunkId, Code, EntityId, PartTag, Tick};

use crate::persistence::images::EntityBefore;
use crate::persistence::journal::Input;
use crate::persistence::rows::TickRows;
use crate::tick::TickOutput;
use crate::world::loads::LoadRequest;

/// The tick's draft. Collecting empties `looked_at` into `entities`; the rest is filled as it happens.
#[derive(Resource, Debug)]
pub(crate) struct Draft {
    /// Entities that may have changed.
    pub(crate) looked_at: BTreeMap<EntityId, Findings>,
    /// Entities that leave with their character: their rows stay.
    pub(crate) unloaded: BTreeSet<EntityId>,
    pub(crate) entities: Vec<EntityChange>,
    pub(crate) centers: Vec<(EntityId, ChunkId)>,
    pub(crate) joins: Vec<JoinOutcome>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) gone: Vec<CharacterGone>,
    pub(crate) loads: Vec<LoadRequest>,
    pub(crate) rows: TickRows,
    table_count: usize,
}

/// What was found out about one entity.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) parts: BTreeMap<PartTag, PartChange>,
    /// A component has another value than at the end of the last tick, or appeared, or went.
    pub(crate) is_changed: bool,
    /// A part that clients may have has gone.
    pub(crate) has_lost_part: bool,
    /// It came from the store in this tick, where its own row says this.
    pub(crate) loaded: Option<EntityBefore>,
}

impl Draft {
    /// The draft of a world with so many component tables.
    pub(crate) fn new(table_count: usize) -> Self {
        Self {
            looked_at: BTreeMap::new(),
            unloaded: BTreeSet::new(),
            entities: Vec::new(),
            centers: Vec::new(),
            joins: Vec::new(),
            answers: Vec::new(),
            gone: Vec::new(),
            loads: Vec::new(),
            rows: TickRows::new(table_count),
            table_count,
        }
    }

    /// The entity may have changed: look at it when the tick ends.
    pub(crate) fn look_at(&mut self, id: EntityId) -> &mut Findings {
        self.looked_at.entry(id).or_default()
    }

    /// Something was asked that changed something: the journal tells of it, and so does the history of whose it is.
    pub(crate) fn journal(&mut self, input: Input) {
        self.rows.indexed.insert(input.character);
        self.rows.inputs.push(input);
    }

    /// A connection does not get in.
    pub(crate) fn refuse(&mut self, conn: Conn, code: Code) {
        self.joins.push(JoinOutcome::Refused(JoinRefusal { conn, code }));
    }

    /// What the tick has caused; the draft is empty after that.
    pub(crate) fn take(&mut self, tick: Tick) -> TickOutput {
        let done = std::mem::replace(self, Self::new(self.table_count));
        TickOutput {
            changes: TickChanges {
                tick,
                times: TickTimes::default(),
                entities: done.entities,
                centers: done.centers,
                joins: done.joins,
                answers: done.answers,
                gone: done.gone,
            },
            rows: done.rows,
            loads: done.loads,
        }
    }
}
