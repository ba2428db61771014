//! The village, as bots play it: they mostly walk, and talk, look, gather and drop now and then.

use holdfast_client::WorldCopy;
use holdfast_protocol::{EntityId, PartTag};
use rand::rngs::StdRng;

use super::{Deed, Mark};
use crate::history::Meaning;

/// What kind of character bots play.
pub const ARCHETYPE: &str = "wanderer";

/// The part that says where an entity is.
pub const POSITION: PartTag = PartTag(1);

pub(super) fn news(_: EntityId, _: &[u8], _: &[u8]) -> Vec<Mark> {
    Vec::new()
}

pub(super) fn deed(_: EntityId, _: &WorldCopy, _: &mut StdRng) -> Deed {
    Deed { verb: "", action: vec![], meaning: Meaning::Other, mark: None }
}
