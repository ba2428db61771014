//! The world machine: what is asked goes in, a tick runs, what it caused comes out.
//!
//! It is synchronous, and it knows no clock, no randomness and no store: the same inputs at the same ticks make the
//! same world.

#[cfg(test)]
mod tests;

use bevy_ecs::resource::Resource;
use bevy_ecs::schedule::{IntoScheduleConfigs, Schedule};
use bevy_ecs::system::Res;
use bevy_ecs::world::World;
use holdfast_front::TickChanges;
use holdfast_protocol::Tick;

pub use crate::action::queue::WorldInput;
pub use crate::world::arrive::LoadError;
pub use crate::world::loads::{LoadNumber, LoadRequest};

use crate::action::evidence::Evidence;
use crate::action::queue::Queue;
use crate::action::receive::receive;
use crate::app::{App, Game};
use crate::collect::Draft;
use crate::collect::fates::{Headers, conclude};
use crate::persistence::loaded::LoadedWorld;
use crate::persistence::rows::TickRows;
use crate::poison::{Failure, MESSAGE_BYTES_MAX, Watchlist};
use crate::schedule::TickSystems;
use crate::world::arrive::{Loaders, load_world};
use crate::world::characters::Characters;
use crate::world::identity::{Belongings, Entities};
use crate::world::ids::Ids;
use crate::world::loads::Loads;
use crate::world::touches::Touches;
use crate::world::{Change, Look, Now};

/// Everything that a tick caused.
#[derive(Clone, Debug, PartialEq)]
pub struct TickOutput {
    /// What may be seen of it: for the gate.
    pub changes: TickChanges,
    /// What makes it durable: for the writer.
    pub rows: TickRows,
    /// The characters that the store is asked for.
    pub loads: Vec<LoadRequest>,
}

/// What the machine is doing.
#[derive(Resource, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// What was loaded is being collected.
    Loading { is_new: bool },
    /// A tick runs; everything up to `durable` is committed.
    Running { durable: Tick, is_first_of_new_world: bool },
}

impl Phase {
    /// Whether a tick runs.
    #[expect(clippy::needless_pass_by_value, reason = "conditions take their parameters by value")]
    pub(crate) fn is_running(phase: Res<'_, Self>) -> bool {
        matches!(*phase, Self::Running { .. })
    }

    /// The newest tick that was committed when this one began.
    pub(crate) fn durable(self) -> Tick {
        match self {
            Self::Loading { .. } => Tick(0),
            Self::Running { durable, .. } => durable,
        }
    }

    /// Whether a new world is to get its first things now: true once.
    pub(crate) fn begin_new_world(&mut self) -> bool {
        match self {
            Self::Loading { .. } => false,
            Self::Running { is_first_of_new_world, .. } => std::mem::take(is_first_of_new_world),
        }
    }

    fn run(&mut self, durable: Tick) {
        let is_first_of_new_world = matches!(self, Self::Loading { is_new: true });
        *self = Self::Running { durable, is_first_of_new_world };
    }
}

/// A world in memory.
pub struct WorldMachine {
    world: World,
    schedule: Schedule,
    tick: Tick,
}

impl WorldMachine {
    /// The world that was loaded, and its load as the tick that it begins at: that tick is durable already, and has no
    /// rows. A new world's first things come with the tick after it, and are flushed like all else.
    ///
    /// `inputs_max` is how much may wait for a tick, and how much is pushed before one at most: see
    /// [`Limits::world_inputs_max`](holdfast_front::Limits::world_inputs_max). `watchlist` is what the process has
    /// learnt from worlds before this one that failed: [`PoisonGuard::watchlist`](crate::poison::PoisonGuard::watchlist).
    ///
    /// # Errors
    /// Where the store holds what cannot be a world of this game.
    pub fn new<G: Game>(
        loaded: &LoadedWorld,
        inputs_max: usize,
        watchlist: Watchlist,
    ) -> Result<(Self, TickOutput), LoadError> {
        let App { mut world, mut schedule, loaders, hooks, .. } = App::of::<G>();
        world.insert_resource(Draft::new(loaders.len()));
        world.insert_resource(Loaders(loaders));
        world.insert_resource(hooks);
        world.insert_resource(Ids::new(loaded.next_id));
        world.insert_resource(Loads::new(loaded.epoch));
        world.insert_resource(Now(loaded.tick));
        world.insert_resource(Phase::Loading { is_new: loaded.is_new });
        world.init_resource::<Belongings>();
        world.init_resource::<Characters>();
        world.init_resource::<Entities>();
        world.init_resource::<Evidence>();
        world.insert_resource(watchlist);
        world.init_resource::<Headers>();
        world.init_resource::<Touches>();
        world.insert_resource(Queue::new(inputs_max));
        schedule.add_systems(receive::<G::Verbs>.in_set(TickSystems::Receive));
        schedule.add_systems(conclude.in_set(TickSystems::Conclude));

        load_world(&loaded.entities, &mut world)?;
        let mut machine = Self { world, schedule, tick: loaded.tick };
        let load = machine.run();
        debug_assert!(load.rows.is_empty(), "a load writes nothing");
        Ok((machine, load))
    }

    /// Takes an input in, for the next tick. Beyond the bound, that tick says `busy` to actions and joins.
    pub fn push(&mut self, input: WorldInput) {
        self.world.resource_mut::<Queue>().push(input);
    }

    /// Runs the next tick. Everything up to `durable` is known to be committed.
    pub fn tick(&mut self, durable: Tick) -> TickOutput {
        self.tick = self.tick.next();
        self.world.insert_resource(Now(self.tick));
        self.world.resource_mut::<Phase>().run(durable);
        self.world.resource_mut::<Evidence>().begin_tick(durable);
        self.run()
    }

    /// What the tick was doing that has just panicked, for the guard. `message` is what the panic said. After that this
    /// machine is good for nothing any more.
    #[must_use]
    pub fn failure(&self, mut message: String) -> Failure {
        message.truncate(message.floor_char_boundary(MESSAGE_BYTES_MAX));
        let evidence = self.world.resource::<Evidence>();
        Failure::Panicked { deciding: evidence.deciding(), asked: evidence.undurable().collect(), message }
    }

    /// The last tick that was run.
    #[must_use]
    pub fn now(&self) -> Tick {
        self.tick
    }

    /// The world as its rules see it. It is speculation: nothing of it may leave the process.
    #[must_use]
    pub fn look(&self) -> Look<'_> {
        Look { world: &self.world }
    }

    /// The world, to be changed between two ticks.
    pub(crate) fn change(&mut self) -> Change<'_> {
        Change { world: &mut self.world }
    }

    fn run(&mut self) -> TickOutput {
        self.schedule.run(&mut self.world);
        // Without this the ECS would keep every removal since the world began.
        self.world.clear_trackers();
        self.world.resource_mut::<Draft>().take(self.tick)
    }
}
