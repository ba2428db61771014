//! How a component is shown to clients.

use bevy_ecs::component::Component;
use holdfast_front::Audience;
use postcard_schema::Schema;
use serde::Serialize;

/// The most bytes that one component may come to as it travels. A message holds one part whole at least, and a socket
/// takes a message of 256 KiB; beyond that its client could never be told. What can grow is cut into several components
/// or bounded by the game's rules.
pub const PART_BYTES_MAX: usize = 16 * 1024;

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

    /// This value, as it travels: at most [`PART_BYTES_MAX`] bytes once it is encoded. A larger one is a fault of the
    /// game, and ends the server as a panic of its rules does.
    fn wire(&self) -> Self::Wire;
}
