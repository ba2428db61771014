//! `serve`: everything in its order, from the settings to the open door; then the server's [`life`].

mod life;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use holdfast_front::Limits;
use holdfast_metrics::IntervalLog;
use holdfast_protocol::BuildId;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use tokio::net::TcpListener;
use tracing::{info, warn};

use self::life::{Life, WorldShape};
use super::characters::CatalogedCharacters;
use super::site::{self, SiteSetupError};
use crate::app::{App, Game};
use crate::auth::{Auth, AuthSetupError};
use crate::bridge::BridgeEnd;
use crate::clock;
use crate::config::{ServeConfig, StaffConfig, StaffListen, StoreConfig};
use crate::http::liveness::Pulse;
use crate::http::readiness::Readiness;
use crate::http::site::files::Files;
use crate::http::site::page::Page;
use crate::http::staff::{self, StaffPort};
use crate::http::{self, PlayerPort};
use crate::persistence::characters::Characters;
use crate::persistence::postgres::{BootError, Candidate, Durability, WorldSettings, read_pool};
use crate::poison::{HaltReason, PoisonGuard};
use crate::shutdown;
use crate::socket::admission::Admission;
use crate::socket::connections::Connections;
use crate::socket::entrance::Entrance;
use crate::socket::{Door, SocketLimits, Sockets};
use crate::telemetry::intervals;
use crate::telemetry::meter::Meter;
use crate::tick::LoadError;

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
    #[error(
        "listen on {address} for operators; another address can be set with HOLDFAST_STAFF_LISTEN, or `off`"
    )]
    ListenToStaff { address: SocketAddr, source: std::io::Error },
    #[error("write interval logs to {folder}", folder = folder.display())]
    HistogramLog { folder: PathBuf, source: std::io::Error },
    #[error("open the world")]
    Boot(#[from] BootError),
    #[error("load the world")]
    Load(#[from] LoadError),
    #[error("the world is not loaded again")]
    Halted(#[from] HaltReason),
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
            | Self::ListenToStaff { .. }
            | Self::HistogramLog { .. }
            | Self::Load(_)
            | Self::Halted(_) => false,
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
    let meter = Arc::new(Meter::of::<G>());
    serve_staff(&config.staff, &meter, &auth, build, &stop).await?;
    info!(game = G::NAME, %build, listen = %address, "the door is built; the world is being opened");
    auth.ask_ahead(clock::now());

    let pool = read_pool(database.clone());
    let durability = Durability { elsewhere: config.durability_elsewhere.as_deref().map(Arc::from) };
    let world =
        WorldSettings { database: database.clone(), world: store.world, holder: life::holder(), durability };
    let (resume_key, mut stopping) = (rand::random(), stop.clone());
    let candidate = tokio::select! {
        connected = Candidate::connect(&world, &tables, &resume_key) => connected?,
        // Nothing is owned yet, and nothing was said.
        () = stopping.requested() => return Ok(()),
    };

    let sockets = Arc::new(Sockets {
        build,
        auth,
        entrance: Arc::new(Entrance::default()),
        connections: Arc::new(Connections::default()),
        admission: Admission::new(&config.door),
        door: Door::new(&config.door),
        limits: SocketLimits::default(),
        meter: Arc::clone(&meter),
    });
    let (readiness, pulse) = (Readiness::default(), Pulse::default());
    let port = PlayerPort {
        sockets: Arc::clone(&sockets),
        characters: Arc::new(characters::<G>(pool.clone(), &candidate)),
        readiness: readiness.clone(),
        pulse: pulse.clone(),
        site,
    };
    let router = http::router(port);
    tokio::spawn(http::listen::serve(listener, router, config.connection_limits(), stop.clone()));

    let life = Life {
        sockets,
        readiness,
        pulse,
        stop,
        database,
        pool,
        shape: WorldShape {
            build,
            session_capacity: config.session_capacity(),
            tick: config.tick(),
            addresses: config.addresses.shared(),
            limits: Limits::default(),
            tables,
        },
        guard: PoisonGuard::new(),
        meter,
    };
    life.live::<G>(candidate).await
}

/// Opens the staff's port, and begins to keep the histograms' intervals.
async fn serve_staff(
    config: &StaffConfig,
    meter: &Arc<Meter>,
    auth: &Arc<Auth>,
    build: BuildId,
    stop: &shutdown::Stop,
) -> Result<(), ServeError> {
    let log = match &config.histogram_log {
        Some(folder) => Some(IntervalLog::new(folder).map_err(|source| {
            let folder = folder.clone();
            ServeError::HistogramLog { folder, source }
        })?),
        None => None,
    };
    tokio::spawn(intervals::keep(Arc::clone(meter), log, stop.clone()));
    let StaffListen::At(address) = config.listen else { return Ok(()) };
    let page = config.page.as_deref().map(|folder| Page::read(folder, build)).transpose();
    let page = page.map_err(SiteSetupError::from)?;
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        // As where a standby runs beside its owner. Players come first.
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            warn!(%address, "something listens there already: operators are not served; HOLDFAST_STAFF_LISTEN names another");
            return Ok(());
        }
        Err(source) => return Err(ServeError::ListenToStaff { address, source }),
    };
    let port =
        StaffPort { meter: Arc::clone(meter), auth: Arc::clone(auth), page: Arc::new(Files::of_staff(page)) };
    let router = staff::router(port);
    tokio::spawn(http::listen::serve(listener, router, staff::CONNECTIONS, stop.clone()));
    info!(listen = %address, "operators are served");
    Ok(())
}

fn characters<G: Game>(pool: PgPool, candidate: &Candidate) -> CatalogedCharacters {
    CatalogedCharacters { characters: Characters::new(pool, candidate.world()), archetypes: G::ARCHETYPES }
}
