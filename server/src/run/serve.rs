//! `serve`: everything in its order, from the settings to the open door.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use holdfast_front::{Limits, Trust};
use holdfast_protocol::{BuildId, EpochTag};
use rand::RngExt as _;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use tokio::net::TcpListener;
use tracing::info;

use super::characters::CatalogedCharacters;
use super::site::{self, SiteSetupError};
use crate::app::{App, Game};
use crate::auth::{Auth, AuthSetupError};
use crate::bridge::{Bridge, BridgeEnd};
use crate::clock;
use crate::config::{ServeConfig, StoreConfig};
use crate::http::readiness::Readiness;
use crate::http::{self, PlayerPort};
use crate::hub::{self, Hub, HubSettings};
use crate::persistence::characters::Characters;
use crate::persistence::loaded::LoadedWorld;
use crate::persistence::loader::CharacterLoader;
use crate::persistence::postgres::{BootError, OwnershipSeed, WorldSettings, open_world, read_pool};
use crate::persistence::retention::keep_partitions_hourly;
use crate::poison::Watchlist;
use crate::shutdown;
use crate::socket::admission::Admission;
use crate::socket::connections::Connections;
use crate::socket::{Door, SocketLimits, Sockets, hub_channel};
use crate::tick::{LoadError, WorldMachine};

/// How long a stopping server waits for its clients to have been told so.
const FAREWELL_WAIT: Duration = Duration::from_secs(1);

/// Why a server ended other than by being asked to.
#[derive(Debug, thiserror::Error)]
pub(super) enum ServeError {
    #[error("DATABASE_URL is not a PostgreSQL address")]
    Address(#[source] sqlx::Error),
    #[error("set up signals")]
    Signals(#[source] std::io::Error),
    #[error("set up authentication")]
    Auth(#[from] AuthSetupError),
    #[error(transparent)]
    Site(#[from] SiteSetupError),
    #[error("listen on {address}")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error("open the world")]
    Boot(#[from] BootError),
    #[error("load the world")]
    Load(#[from] LoadError),
    #[error(transparent)]
    Bridge(BridgeEnd),
}

impl ServeError {
    /// Whether starting the same process again, unchanged, may help.
    pub(super) fn may_start_again(&self) -> bool {
        match self {
            Self::Boot(error) => error.may_pass(),
            Self::Bridge(end) => end.may_start_again(),
            Self::Address(_)
            | Self::Signals(_)
            | Self::Auth(_)
            | Self::Site(_)
            | Self::Listen { .. }
            | Self::Load(_) => false,
        }
    }
}

/// Runs the world until it is told to stop or cannot go on.
pub(super) async fn serve<G: Game>(
    store: StoreConfig,
    config: ServeConfig,
    deployment: &str,
) -> Result<(), ServeError> {
    let database: PgConnectOptions = store.database_url.parse().map_err(ServeError::Address)?;
    let (stop_trigger, stop) = shutdown::channel();
    stop_trigger.on_signals().map_err(ServeError::Signals)?;
    let auth = Arc::new(Auth::new(&config.auth)?);
    let app = App::of::<G>();
    let (tables, build) = (app.tables(), BuildId::of(&app.wire(), deployment));
    let site = Arc::new(site::site::<G>(&config, &store.world, build)?);
    let address = config.listen;
    let listener =
        TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, source })?;
    info!(game = G::NAME, %build, listen = %address, "the door is built; the world is being opened");

    let seed = OwnershipSeed { tag: EpochTag(rand::random()), resume_key: rand::random() };
    let world = WorldSettings { database: database.clone(), world: store.world, holder: holder() };
    let mut waiting = stop.clone();
    // Before the ownership is asked for, so that the owner never trusts itself for longer than the lease.
    let taken = clock::now();
    auth.ask_ahead(taken);
    let (pg, loaded) = tokio::select! {
        opened = open_world(&world, &tables, seed) => opened?,
        // Nothing is owned yet, or nothing was said yet: the next owner begins where this one did.
        () = waiting.requested() => return Ok(()),
    };
    let limits = Limits::default();
    let world_inputs_max = limits.world_inputs_max(config.session_capacity());
    let (machine, load) = WorldMachine::new::<G>(&loaded, world_inputs_max, Watchlist::default())?;

    let trust = Arc::new(Trust::default());
    trust.extend(taken);
    // Beside the world: whatever becomes of it, the world goes on.
    tokio::spawn(keep_partitions_hourly(database.clone()));
    let pool = read_pool(database);
    let settings = HubSettings {
        build,
        session_capacity: config.session_capacity(),
        tick: config.tick(),
        addresses: config.addresses.shared(),
        table_count: tables.len(),
        seed: rand::rng().random(),
        limits,
        trust: Arc::clone(&trust),
    };
    let (front, writer) = hub::configs::<G>(&loaded, settings);
    let hub = Hub::new(front, writer, load.changes, taken, clock::now());

    let readiness = Readiness::default();
    let (hub_sender, front_events) = hub_channel();
    let connections = Arc::new(Connections::default());
    let sockets = Arc::new(Sockets {
        build,
        auth,
        trust,
        hub: hub_sender,
        connections: Arc::clone(&connections),
        admission: Admission::new(&config.door),
        door: Door::new(&config.door),
        limits: SocketLimits::default(),
    });
    let port = PlayerPort {
        sockets,
        characters: Arc::new(characters::<G>(pool.clone(), &loaded)),
        readiness: readiness.clone(),
        site,
    };
    let router = http::router(port);
    tokio::spawn(http::listen::serve(listener, router, config.connection_limits(), stop.clone()));

    let bridge = Bridge {
        machine,
        hub,
        store: pg,
        loader: CharacterLoader::new(pool, loaded.world, &tables),
        connections: Arc::clone(&connections),
        front_events,
        readiness,
        stop,
        tick: config.tick(),
        world_inputs_max,
    };
    match bridge.run().await {
        BridgeEnd::Drained => {
            // Each client has been given its last message; this waits until it is with the kernel.
            let _ = tokio::time::timeout(FAREWELL_WAIT, connections.all_gone()).await;
            info!("everything is written; the server stops");
            Ok(())
        }
        end => Err(ServeError::Bridge(end)),
    }
}

fn characters<G: Game>(pool: PgPool, loaded: &LoadedWorld) -> CatalogedCharacters {
    CatalogedCharacters { characters: Characters::new(pool, loaded.world), archetypes: G::ARCHETYPES }
}

/// What people read in the world's row: the machine and the process that own it.
fn holder() -> String {
    format!("{}, process {}", rustix::system::uname().nodename().to_string_lossy(), std::process::id())
}
