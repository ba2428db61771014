//! What one tick caused, as far as anybody may ever see it.
//!
//! A world makes one [`TickChanges`] a tick. It is speculation until the tick is durable: the gate holds it and hands
//! it on as `Committed<TickChanges>`. The rows that make the tick durable travel beside it, to the writer.

use std::sync::Arc;

use holdfast_protocol::{ActionName, ChunkId, Code, EntityId, PartTag, Seq, SessionEpoch, Tick};

use crate::event::Conn;
use crate::moment::Moment;

/// Everything that a tick caused and that can be seen from outside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TickChanges {
    /// The tick.
    pub tick: Tick,
    /// When it ran, as whoever ran it says.
    pub times: TickTimes,
    /// What became of entities, in ascending order of their ids, at most one entry each.
    pub entities: Vec<EntityChange>,
    /// The views that moved: character and its new centre.
    pub centers: Vec<(EntityId, ChunkId)>,
    /// What the tick answers to joins.
    pub joins: Vec<JoinOutcome>,
    /// What the tick answers to actions, in the order in which it drained them.
    pub answers: Vec<Answer>,
    /// Characters that left the world with this tick.
    pub gone: Vec<CharacterGone>,
}

/// When a tick ran. All zero where nobody measured it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TickTimes {
    /// It began to drain what it was asked.
    pub began: Moment,
    /// Everything that it caused was collected.
    pub sealed: Moment,
}

/// What became of one entity in one tick.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityChange {
    /// Which entity.
    pub id: EntityId,
    /// Where it is after the tick, or that it is no longer there.
    pub fate: Fate,
    /// The parts that changed, appeared (a value) or went away (none), in ascending order of their tags.
    pub parts: Vec<PartChange>,
}

/// Where an entity is after a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// In the world.
    Here {
        /// The chunk whose viewers see its view parts; none where it lies in somebody's bag, or nowhere.
        chunk: Option<ChunkId>,
        /// The character whose load brings it; none where it belongs to the world. That character's private copy holds
        /// the entity's owner parts, and its view parts as well where it is in no chunk. A character is its own home.
        home: Option<EntityId>,
        /// The tick at which it entered its chunk: clients that hold an older one get it whole. A part that goes away
        /// counts as entering anew.
        entered: Tick,
    },
    /// Gone: destroyed, or unloaded with its character.
    Gone,
}

/// One part of an entity.
#[derive(Clone, Debug, PartialEq)]
pub struct PartChange {
    /// Which part.
    pub tag: PartTag,
    /// Who may see it.
    pub audience: Audience,
    /// The tick at which it got this value; older than the change's own where it was loaded.
    pub changed: Tick,
    /// Its value in the game's wire encoding; none where the part went away. A load says the same of a part that is
    /// not stored and that the entity may have had: whoever comes back from before the load gets the entity whole.
    pub body: Option<Arc<[u8]>>,
}

/// Who may see a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Everybody in whose view the entity's chunk is.
    View,
    /// The player of the character that is the entity's home.
    Owner,
}

/// A person, known only as what an identity provider calls them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Account {
    /// Who vouches for the subject.
    pub issuer: Arc<str>,
    /// The provider's name for the person. Never logged.
    pub subject: Arc<str>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Account(..)")
    }
}

/// What a tick answers to a join.
#[derive(Clone, Debug, PartialEq)]
pub enum JoinOutcome {
    /// The connection plays the character from this tick on; whoever played it before does not.
    Attached(Attachment),
    /// It does not.
    Refused(JoinRefusal),
}

/// A connection that plays a character.
#[derive(Clone, Debug, PartialEq)]
pub struct Attachment {
    /// The connection.
    pub conn: Conn,
    /// What it plays.
    pub character: EntityId,
    /// The attachment's own number, durable with this tick.
    pub session_epoch: SessionEpoch,
    /// Whether the join resumed the latest attachment, so that the client's sync token still counts.
    pub resumed: bool,
    /// The last action decided for the character.
    pub last_seq: Seq,
    /// Whether the client's oldest unanswered action can no longer be answered as its own.
    pub conflict: bool,
    /// Where the character's view is centred.
    pub center: ChunkId,
}

/// A connection that does not get in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JoinRefusal {
    /// The connection.
    pub conn: Conn,
    /// Why.
    pub code: Code,
}

/// What a tick answers to one action.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The connection that asked. Where it has been lost meanwhile, nobody is told: the client asks again.
    pub conn: Conn,
    /// The character that acted.
    pub character: EntityId,
    /// Which action.
    pub action: ActionName,
    /// The tag of its verb; none where it has none.
    pub verb: Option<u8>,
    /// When its socket had read it.
    pub heard: Moment,
    /// The answer.
    pub kind: AnswerKind,
}

/// The kinds of answers.
#[derive(Clone, Debug, PartialEq)]
pub enum AnswerKind {
    /// Decided by this tick, or by an earlier one and asked again.
    Verdict {
        /// Accepted, or the rule that said no.
        code: Code,
        /// What the action's answer carries besides.
        detail: [u8; 4],
        /// The longer answer, where the action has one.
        reply: Option<Arc<[u8]>>,
        /// Whether this was decided by an earlier tick. The client is not told, since to it both are the answer; it is
        /// by this that a replay can be told from a second decision.
        replayed: bool,
    },
    /// Turned away without effect, and without a `seq`: out of order (`seq_gap`, `seq_conflict`, `seq_expired`), because
    /// the world's queue is full (`busy`), or because the verb's payload cannot be read (`malformed`).
    Refused {
        /// Why.
        code: Code,
        /// The `seq` that the world expects next.
        expected: Seq,
    },
    /// The connection no longer plays the character: nothing was done and nobody is told. It only frees the place
    /// that the action held in its session's queue.
    Void,
}

/// A character that is no longer in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CharacterGone {
    /// Which.
    pub character: EntityId,
}

impl TickChanges {
    /// About how much memory these changes hold, in bytes: what the gate's bound counts.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        let parts: usize = self
            .entities
            .iter()
            .flat_map(|entity| &entity.parts)
            .map(|part| size_of::<PartChange>() + part.body.as_ref().map_or(0, |body| body.len()))
            .sum();
        let replies: usize = self
            .answers
            .iter()
            .map(|answer| match &answer.kind {
                AnswerKind::Verdict { reply: Some(reply), .. } => reply.len(),
                _ => 0,
            })
            .sum();
        size_of::<Self>()
            + parts
            + replies
            + self.entities.len() * size_of::<EntityChange>()
            + self.answers.len() * size_of::<Answer>()
            + self.joins.len() * size_of::<JoinOutcome>()
    }
}
