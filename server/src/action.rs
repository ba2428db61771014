//! Actions: what a game's verbs are, and how the world decides them.
//!
//! An action waits in the [`queue`], is drained by the tick ([`receive`]), is answered from the [`ring`] where it was
//! decided before, and is decided otherwise ([`decide`]). What may be to blame should the tick fail stands in the
//! [`evidence`].

mod decide;
pub(crate) mod evidence;
mod macros;
pub mod queue;
pub(crate) mod receive;
pub(crate) mod ring;

use bevy_ecs::world::World;
use holdfast_front::Pace;
use holdfast_protocol::{Category, Code, CodeEntry, EntityId};
use postcard_schema::Schema;
use postcard_schema::schema::NamedType;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::decide::attempt;

use crate::world::{Change, Look};

/// Who acts: the character of the session. Never taken from what a client sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Actor {
    /// The character.
    pub character: EntityId,
}

/// One verb of a game: its payload, its rules and its effect.
///
/// To add one: a file in the game's `action/` with the payload, this trait and its tests, and its `mod`; a line in the
/// game's `actions!`.
pub trait Action: Serialize + DeserializeOwned + Schema + Send + Sync + 'static {
    /// The verb, in snake_case.
    const NAME: &'static str;
    /// How often a session may do this.
    const PACE: Pace = Pace::Other;
    /// How many ticks must lie between two of these by one character. An action that comes earlier waits, and holds
    /// back the character's later ones; it is never rejected for speed.
    const COOLDOWN_TICKS: u64 = 0;

    /// Whether the histories of whoever does this and of what it touches tell of it. Of plain steps there are too many,
    /// and they would hide the rest; the journal has them all the same.
    const IN_HISTORY: bool = true;

    /// What the body of a [`Outcome::reply`] holds, where the verb gives one: clients must know it.
    const REPLY: Option<&'static NamedType> = None;

    /// The rules that may say no.
    type Rejection: Rejection;
    /// What [`Self::validate`] proved, so that [`Self::apply`] cannot fail.
    type Plan;

    /// What the journal keeps of it: the payload, as long as this is not written otherwise. A verb with free text keeps
    /// only what is not text; the text itself goes to [`Change::record_text`].
    fn journaled(&self) -> Vec<u8> {
        holdfast_protocol::encode(self)
    }

    /// Decides whether the rules allow this now. Changes nothing.
    ///
    /// # Errors
    /// Where a rule says no. That is a verdict: durable, and the same whenever it is asked for again.
    fn validate(&self, me: Actor, world: &Look<'_>) -> Result<Self::Plan, Self::Rejection>;

    /// Does it, whole.
    fn apply(plan: Self::Plan, me: Actor, world: &mut Change<'_>) -> Outcome;
}

/// What an accepted action answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// At most four bytes that are kept with the verdict.
    pub detail: [u8; 4],
    /// A longer answer, that is sent once and not kept.
    pub reply: Option<Vec<u8>>,
}

impl Outcome {
    /// Done; there is nothing more to say.
    #[must_use]
    pub fn done() -> Self {
        Self::default()
    }

    /// Done, and this number stands in the verdict (little-endian).
    #[must_use]
    pub fn number(number: u32) -> Self {
        Self { detail: number.to_le_bytes(), reply: None }
    }

    /// Done, and here is the longer answer.
    #[must_use]
    pub fn reply<T: Serialize>(reply: &T) -> Self {
        Self { detail: [0; 4], reply: Some(holdfast_protocol::encode(reply)) }
    }
}

/// The rules by which a verb may say no: a field-less enum whose discriminants are stable numbers from 1 to 255.
pub trait Rejection: Copy + Send + Sync + 'static {
    /// Every variant's number, name, and sentence for people, in ascending order.
    const VARIANTS: &'static [RejectionVariant];

    /// This variant's number.
    fn number(self) -> u8;
}

/// One reason to say no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RejectionVariant {
    /// Its stable number within its verb.
    pub number: u8,
    /// Its stable name, in snake_case; unique within the game.
    pub name: &'static str,
    /// One sentence for people.
    pub says: &'static str,
}

/// All verbs of a game: what `actions!` makes of its list.
///
/// On the wire: the verb's tag as a varint, then the payload.
pub trait Verbs: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// How often a session may do this one.
    fn pace(&self) -> Pace;
    /// How many ticks must lie between two of this one by one character.
    fn cooldown_ticks(&self) -> u64;
    /// The verb's name.
    fn name(&self) -> &'static str;
    /// Whether histories tell of this one.
    fn is_in_history(&self) -> bool;
    /// The verb's tag, and what the journal keeps of the payload.
    fn journaled(&self) -> Vec<u8>;
    /// Validates and, where the rules allow it, applies.
    ///
    /// # Errors
    /// The code of the rule that says no; the world is then as it was.
    fn decide(&self, me: Actor, world: &mut World) -> Result<Outcome, Code>;
    /// Every verb's tag, name and payload.
    fn wire() -> Vec<(u8, &'static str, &'static NamedType)>;
    /// The tag of every verb that replies, and what the reply holds.
    fn replies() -> Vec<(u8, &'static NamedType)>;
    /// Every rule's code.
    fn codes() -> Vec<CodeEntry>;
}

/// The codes of the verb with `tag`: what `actions!` asks for each of its verbs.
pub fn codes_of<A: Action>(tag: u8) -> impl Iterator<Item = CodeEntry> {
    A::Rejection::VARIANTS.iter().map(move |variant| CodeEntry {
        code: Code::of_verb(tag, variant.number),
        name: variant.name,
        category: Category::Validation,
        retryable: false,
        says: variant.says,
    })
}
