//! What a game sees of the world: [`Look`] to read, [`Change`] to write.

use bevy_ecs::world::World;

/// The world, to be read by rules.
pub struct Look<'w> {
    pub(crate) world: &'w World,
}

/// The world, to be changed by what the rules have allowed.
pub struct Change<'w> {
    pub(crate) world: &'w mut World,
}
