//! What writer and front are told of a world that was just loaded: the same for a server and for a simulation.

use std::sync::Arc;
use std::time::Duration;

use holdfast_front::front::FrontConfig;
use holdfast_front::{Limits, Trust};
use holdfast_protocol::{BuildId, decode};

use crate::action::Verbs;
use crate::app::Game;
use crate::persistence::loaded::LoadedWorld;
use crate::persistence::writer::WriterConfig;

/// What is not in the world itself.
#[derive(Clone, Debug)]
pub struct HubSettings {
    /// The server's build.
    pub build: BuildId,
    /// How many connections may play, or wait to, at a time.
    pub session_capacity: usize,
    /// How long a tick lasts.
    pub tick: Duration,
    /// Where the world's servers are reached, this one's own address first.
    pub addresses: Arc<[String]>,
    /// How many component tables the game has.
    pub table_count: usize,
    /// What the waits between the writer's retries are drawn from.
    pub seed: u64,
    /// The numbers by which sessions live.
    pub limits: Limits,
    /// Whether the owner may speak for the world: the writer's to extend, everybody's to ask.
    pub trust: Arc<Trust>,
}

/// What [`super::Hub::new`] is given for the world `loaded` of the game `G`.
#[must_use]
pub fn configs<G: Game>(loaded: &LoadedWorld, settings: HubSettings) -> (FrontConfig, WriterConfig) {
    let writer = WriterConfig {
        world: loaded.world,
        epoch: loaded.epoch,
        tag: loaded.tag,
        tick: loaded.tick,
        table_count: settings.table_count,
        seed: settings.seed,
    };
    let front = FrontConfig {
        world: loaded.world,
        epoch: loaded.epoch,
        tag: loaded.tag,
        start: loaded.tick,
        history: loaded.history.clone(),
        resume_key: loaded.resume_key,
        build: settings.build,
        interest: G::interest(),
        inspect_action: |bytes| decode::<G::Verbs>(bytes).ok().map(|verb| verb.pace()),
        session_capacity: settings.session_capacity,
        tick_ms: u16::try_from(settings.tick.as_millis()).unwrap_or(u16::MAX),
        addresses: settings.addresses,
        trust: settings.trust,
        limits: settings.limits,
    };
    (front, writer)
}
