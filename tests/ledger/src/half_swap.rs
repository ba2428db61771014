//! A swap in two ticks: the sabotage S11. Compiled with the feature `sabotage` alone.

use bevy_ecs::component::Component;
use bevy_ecs::entity::Entity;
use bevy_ecs::system::{Commands, Query, Res};
use holdfast::protocol::{EntityId, Tick};
use holdfast::sabotage::{Sabotage, is_on};
use holdfast::world::Now;

use crate::component::{Item, Seat};
use crate::group::group_of;

/// An item that is somebody's from the next tick on.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owed {
    pub(crate) to: EntityId,
    pub(crate) since: Tick,
}

/// Whether swaps happen by halves.
pub(crate) fn is_sabotaged() -> bool {
    is_on(Sabotage::S11)
}

/// Hands over what is owed since an earlier tick.
#[expect(clippy::needless_pass_by_value, reason = "systems take their parameters by value")]
pub(crate) fn hand_over(
    now: Res<'_, Now>,
    owed: Query<'_, '_, (Entity, &Owed)>,
    mut commands: Commands<'_, '_>,
) {
    for (entity, Owed { to, since }) in &owed {
        if *since < now.0 {
            let seat = Seat { group: group_of(*to) };
            commands.entity(entity).remove::<Owed>().insert((Item { holder: *to }, seat));
        }
    }
}
