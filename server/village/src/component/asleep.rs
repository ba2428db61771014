//! A character whose player is away.

use bevy_ecs::component::Component;
use holdfast::{Audience, Replicate};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

/// The character sleeps where it stands: its connection is lost, and may come back. Not kept: after a restart nobody
/// is in the world until they join.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asleep;

/// Sleep on the wire: no bytes; being there is all it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct AsleepWire;

impl Replicate for Asleep {
    const TAG: u16 = 7;
    const AUDIENCE: Audience = Audience::View;
    type Wire = AsleepWire;

    fn wire(&self) -> AsleepWire {
        AsleepWire
    }
}
