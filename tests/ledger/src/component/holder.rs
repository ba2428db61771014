//! Whose account it is.

use bevy_ecs::component::Component;
use holdfast::{Audience, Replicate};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

/// The name of an account's holder. Not kept: it stands in the profile.
#[derive(Component, Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The name.
    pub name: String,
}

/// A holder on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct HolderWire {
    /// The name.
    pub name: String,
}

impl Replicate for Holder {
    const TAG: u16 = 1;
    const AUDIENCE: Audience = Audience::View;
    type Wire = HolderWire;

    fn wire(&self) -> HolderWire {
        HolderWire { name: self.name.clone() }
    }
}
