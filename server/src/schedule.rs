//! The order inside a tick. It is named here and nowhere else.

use bevy_ecs::schedule::{IntoScheduleConfigs, Schedule, ScheduleLabel, SystemSet};

/// What a tick does, in this order.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TickSystems {
    /// The queue is drained: joins, actions, departures, in arrival order.
    Receive,
    /// The game's own life goes on.
    Simulate,
    /// What changed is taken into the tick's draft, component by component.
    Collect,
    /// What became of each entity, each view and each character follows from what was collected.
    Conclude,
}

/// Where a game puts its systems: [`TickSystems::Simulate`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Simulate;

#[derive(ScheduleLabel, Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct TickSchedule;

/// The schedule of a tick, still without systems. What is loaded is collected by the same schedule, with `receive` and
/// `simulate` left out by the condition `is_running`.
pub(crate) fn tick_schedule<M>(is_running: impl bevy_ecs::schedule::SystemCondition<M> + Copy) -> Schedule {
    let mut schedule = Schedule::new(TickSchedule);
    schedule.configure_sets(
        (TickSystems::Receive, TickSystems::Simulate, TickSystems::Collect, TickSystems::Conclude).chain(),
    );
    schedule
        .configure_sets((TickSystems::Receive.run_if(is_running), TickSystems::Simulate.run_if(is_running)));
    schedule
}
