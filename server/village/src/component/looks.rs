//! Who a character is, for everybody to see.

use bevy_ecs::component::Component;
use holdfast::{Audience, Replicate};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

/// A character's name and shape. Not kept: both stand in its profile, and never change.
#[derive(Component, Clone, Debug, PartialEq, Eq)]
pub struct Looks {
    /// Its name.
    pub name: String,
    /// What it is, from the catalogue.
    pub archetype: String,
}

/// Looks on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct LooksWire {
    /// Its name.
    pub name: String,
    /// What it is, from the catalogue.
    pub archetype: String,
}

impl Replicate for Looks {
    const TAG: u16 = 2;
    const AUDIENCE: Audience = Audience::View;
    type Wire = LooksWire;

    fn wire(&self) -> LooksWire {
        LooksWire { name: self.name.clone(), archetype: self.archetype.clone() }
    }
}
