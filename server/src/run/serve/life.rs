//! A server's life: it waits for its world, owns it, begins anew in the same process where a tick or a batch has failed,
//! and ends.
//!
//! ```text
//! waits (standby) ──▶ loads ──▶ owns ──▶ drained: exit 0
//!                       ▲         │ └──▶ the world is somebody else's: exit 75
//!                       └─────────┘ └──▶ nothing can be written, or it failed too often: exit 1
//!                    a failure: reload
//! ```
//!
//! The port, what is served to everybody, and what the [`PoisonGuard`] has learnt live as long as the process. All else
//! belongs to one ownership and dies with it: hub, machine, trust, and the way in that sockets use.

use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "sabotage")]
use holdfast_front::failpoint::{Failpoint::Reload, hit};
use holdfast_front::{Limits, Trust};
use holdfast_protocol::{BuildId, Code, EpochTag};
use rand::RngExt as _;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use tracing::{info, warn};

use super::ServeError;
use crate::app::Game;
use crate::bridge::{Bridge, BridgeEnd, Remains};
use crate::clock;
use crate::http::liveness::Pulse;
use crate::http::readiness::{Readiness, ReadinessState};
use crate::hub::{self, Hub, HubSettings};
use crate::persistence::durable::TableDefinition;
use crate::persistence::loader::CharacterLoader;
use crate::persistence::postgres::{Candidate, Obtained, Waiting};
use crate::persistence::retention::keep_partitions_hourly;
use crate::poison::{Judgement, PoisonGuard};
use crate::shutdown::Stop;
use crate::socket::entrance::{Ownership, Standing};
use crate::socket::{Sockets, hub_channel};
use crate::telemetry::meter::Meter;
use crate::tick::WorldMachine;

/// How long a stopping server waits for its clients to have been told so.
const FAREWELL_WAIT: Duration = Duration::from_secs(1);

/// What lives as long as the process.
pub(super) struct Life {
    pub(super) sockets: Arc<Sockets>,
    pub(super) readiness: Readiness,
    pub(super) pulse: Pulse,
    pub(super) stop: Stop,
    pub(super) database: PgConnectOptions,
    pub(super) pool: PgPool,
    pub(super) shape: WorldShape,
    pub(super) guard: PoisonGuard,
    pub(super) meter: Arc<Meter>,
}

/// What is the same for every ownership.
pub(super) struct WorldShape {
    pub(super) build: BuildId,
    pub(super) session_capacity: usize,
    pub(super) tick: Duration,
    pub(super) addresses: Arc<[String]>,
    pub(super) limits: Limits,
    pub(super) tables: Vec<TableDefinition>,
}

impl Life {
    /// Lives until it is told to stop or cannot go on.
    pub(super) async fn live<G: Game>(mut self, mut candidate: Candidate) -> Result<(), ServeError> {
        let mut opening = ReadinessState::Starting;
        let mut keeper = None;
        loop {
            let Some(obtained) = self.obtain(candidate, opening).await? else {
                self.say_farewell().await;
                return Ok(());
            };
            // Beside the world: whatever becomes of it, the world goes on.
            keeper.get_or_insert_with(|| tokio::spawn(keep_partitions_hourly(self.database.clone())));
            let (end, remains, trust) = self.own::<G>(obtained).await?;
            match end {
                BridgeEnd::Drained => return self.end(remains, &trust).await,
                BridgeEnd::Failed(failure) => {
                    match self.guard.judge(clock::now(), failure) {
                        Judgement::Reload => {}
                        Judgement::Halt(reason) => return Err(reason.into()),
                    }
                    opening = ReadinessState::Reloading;
                    candidate = self.begin_anew(remains, &trust).await?;
                }
                end => return Err(ServeError::Bridge(end)),
            }
        }
    }

    /// Waits for the world and loads it; none where the server is to stop. Until then `opening` is what it does.
    async fn obtain(
        &mut self,
        candidate: Candidate,
        opening: ReadinessState,
    ) -> Result<Option<Obtained>, ServeError> {
        let (entrance, readiness, meter) = (&self.sockets.entrance, &self.readiness, &self.meter);
        readiness.set(opening);
        let tell = |waiting| match waiting {
            Waiting::ForOwner => {
                meter.dependency("postgres", true);
                warn!("another server owns the world: this one is its standby, and waits");
                entrance.set(Standing::Standby);
                readiness.set(ReadinessState::Standby);
            }
            // Whoever owns the world, players are told as they were.
            Waiting::ForDatabase => meter.dependency("postgres", false),
            Waiting::ForLoad => {
                meter.dependency("postgres", true);
                entrance.set(Standing::Loading);
                readiness.set(opening);
            }
        };
        tokio::select! {
            obtained = candidate.obtain(EpochTag(rand::random()), tell) => Ok(Some(obtained?)),
            // Nothing of this ownership was said yet: the next owner begins where the last one did.
            () = self.stop.requested() => Ok(None),
        }
    }

    /// Opens the door to a world that was loaded, and runs it until it ends.
    async fn own<G: Game>(&self, obtained: Obtained) -> Result<(BridgeEnd, Remains, Arc<Trust>), ServeError> {
        let Obtained { store, loaded, asked } = obtained;
        let WorldShape { build, session_capacity, tick, ref addresses, ref limits, ref tables } = self.shape;
        let world_inputs_max = limits.world_inputs_max(session_capacity);
        let (machine, load) = WorldMachine::new::<G>(&loaded, world_inputs_max, self.guard.watchlist())?;

        let trust = Arc::new(Trust::default());
        trust.extend(asked);
        let settings = HubSettings {
            build,
            session_capacity,
            tick,
            addresses: Arc::clone(addresses),
            table_count: tables.len(),
            seed: rand::rng().random(),
            limits: limits.clone(),
            trust: Arc::clone(&trust),
        };
        let (front, writer) = hub::configs::<G>(&loaded, settings);
        let hub = Hub::new(front, writer, load.changes, asked, clock::now());
        let bridge = Bridge {
            machine,
            hub,
            store,
            loader: CharacterLoader::new(self.pool.clone(), loaded.world, tables),
            connections: Arc::clone(&self.sockets.connections),
            entrance: Arc::clone(&self.sockets.entrance),
            readiness: self.readiness.clone(),
            pulse: self.pulse.clone(),
            meter: Arc::clone(&self.meter),
            stop: self.stop.clone(),
            tick,
            world_inputs_max,
        };
        let (hub_sender, mut front_events) = hub_channel();
        let ownership = Ownership { hub: hub_sender, trust: Arc::clone(&trust) };
        self.sockets.entrance.set(Standing::Owner(ownership));
        info!(epoch = %loaded.epoch, tick = %loaded.tick, "the world is open");
        let (end, remains) = bridge.run(&mut front_events).await;
        self.meter.nothing_runs();
        if matches!(end, BridgeEnd::Failed(_)) {
            // While this ownership's channel still takes what sockets say, so that each of them hears the reason.
            self.sockets.entrance.set(Standing::Loading);
            self.readiness.set(ReadinessState::Reloading);
            self.sockets.connections.dismiss_all(Code::WORLD_RELOADED);
        }
        Ok((end, remains, trust))
    }

    /// What is not durable is forgotten, and the world wanted again: at once, and on the same connection where it is sound.
    async fn begin_anew(&self, remains: Remains, trust: &Trust) -> Result<Candidate, ServeError> {
        let store = remains.store().await.ok_or(ServeError::Bridge(BridgeEnd::PartLost))?;
        trust.revoke();
        #[cfg(feature = "sabotage")]
        hit(Reload);
        Ok(Candidate::again(store, holder()))
    }

    /// Everything is written: whoever is still there is told, and then the world is let go of.
    async fn end(&self, remains: Remains, trust: &Trust) -> Result<(), ServeError> {
        self.say_farewell().await;
        // Before the lease is given back: the next owner may begin in that instant.
        trust.revoke();
        if let Some(store) = remains.store().await {
            store.release().await;
        }
        info!("everything is written; the server stops");
        Ok(())
    }

    /// Each client has been given its last message, or is given it now; this waits until it is with the kernel.
    async fn say_farewell(&self) {
        self.sockets.entrance.set(Standing::Stopping);
        let _ = tokio::time::timeout(FAREWELL_WAIT, self.sockets.connections.all_gone()).await;
    }
}

/// What people read in the world's row: the machine and the process that own it.
pub(super) fn holder() -> String {
    format!("{}, process {}", rustix::system::uname().nodename().to_string_lossy(), std::process::id())
}
