//! How a component is shown to clients.

use bevy_ecs::component::Component;
use holdfast_front::Audience;
use postcard_schema::Schema;
use serde::Serialize;

/// A component that somebody may see.
///
/// The component is not what travels: it has a twin that does, so that the one can change without the other.
pub trait Replicate: Component + Clone + PartialEq {
    /// The part's stable number, unique within the game.
    const TAG: u16;
    /// Who may see it.
    const AUDIENCE: Audience;

    /// What travels.
    type Wire: Serialize + Schema;

    /// This value, as it travels.
    fn wire(&self) -> Self::Wire;
}
