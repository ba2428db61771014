//! A hazard: the world writes an impossible value by itself.

use bevy_ecs::system::Local;
use bevy_ecs::world::World;
use holdfast::Change;
use holdfast::protocol::{EntityId, Tick};
use holdfast::world::Now;
use holdfast::world::identity::Identity;
use ledger::component::Tape;

use super::debt::{DEBT_MAX, Debt};

/// Whoever appends this lights the fuse.
pub const FUSE_TOKEN: u64 = 666;

/// How long the fuse burns, from the appending or from the load: long enough that the action which lit it is durable.
pub const FUSE_TICKS: u64 = 20;

/// Burns down where the token stands, and then lets the tape owe more than the database takes.
pub fn burn(world: &mut World, mut lit: Local<'_, Option<(EntityId, Tick)>>) {
    let now = world.resource::<Now>().0;
    let Some((tape, since)) = *lit else {
        let mut tapes = world.query::<(&Identity, &Tape)>();
        let mut tapes = tapes.iter(world);
        *lit = tapes.find(|(_, tape)| tape.tokens.contains(&FUSE_TOKEN)).map(|(id, _)| (id.id(), now));
        return;
    };
    if now.since(since) == FUSE_TICKS {
        Change::new(world).set(tape, Debt { amount: DEBT_MAX + 1 });
    }
}
