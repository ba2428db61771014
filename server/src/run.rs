//! The command line of a world's server: `serve` and `migrate`.
//!
//! A game's `main` is one call of [`run`]. What is decided here is only the order: settings, clock, log, signals, then
//! the store, the world, the hub, and at last the door.

mod characters;
mod serve;

use std::error::Error;
use std::fmt::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sqlx::postgres::PgConnectOptions;

use crate::app::{App, Game};
use crate::config::{LogConfig, ServeConfig, StoreConfig};
use crate::persistence::migrate::{MigrateError, migrate};
use crate::telemetry;

/// What a process ends with when it may be started again at once: another owner, a lost store, a tick that panicked.
const EXIT_RESTART: u8 = 75;

#[derive(Parser)]
#[command(about = "A Holdfast world's server.", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the world. Waits for as long as another server owns it.
    Serve {
        #[command(flatten)]
        store: StoreConfig,
        #[command(flatten)]
        serve: Box<ServeConfig>,
        #[command(flatten)]
        log: LogConfig,
    },
    /// Brings the database to what this build needs. Run it with each new build, as the database's owner.
    Migrate {
        #[command(flatten)]
        store: StoreConfig,
        #[command(flatten)]
        log: LogConfig,
    },
}

/// Runs the command line of game `G`. `deployment` is the name of this deployment: a part of the build id, which
/// lets in clients of the same build only. A game's `main.rs` reads it with `option_env!("HOLDFAST_BUILD")`, so that
/// another deployment is no more than another link.
pub fn run<G: Game>(deployment: Option<&'static str>) -> ExitCode {
    let cli = Cli::parse();
    let ended = match cli.command {
        Command::Serve { store, serve, log } => start(&log, |runtime| {
            runtime.block_on(serve::serve::<G>(store, *serve, deployment.unwrap_or("dev")))?;
            Ok(())
        }),
        Command::Migrate { store, log } => start(&log, |runtime| {
            runtime.block_on(migrate_world::<G>(&store))?;
            tracing::info!("the database is what this build needs");
            Ok(())
        }),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{}", chain(&*error));
            let again =
                error.downcast_ref::<serve::ServeError>().is_some_and(serve::ServeError::may_start_again);
            if again { ExitCode::from(EXIT_RESTART) } else { ExitCode::FAILURE }
        }
    }
}

type Ended = Result<(), Box<dyn Error>>;

fn start(log: &LogConfig, work: impl FnOnce(tokio::runtime::Runtime) -> Ended) -> Ended {
    telemetry::init(log)?;
    work(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

async fn migrate_world<G: Game>(store: &StoreConfig) -> Result<(), MigrateCommandError> {
    let options: PgConnectOptions = store.database_url.parse().map_err(MigrateCommandError::Address)?;
    migrate(&options, &G::migrations(), &App::of::<G>().tables()).await.map_err(MigrateCommandError::Migrate)
}

/// Why `migrate` did not get through.
#[derive(Debug, thiserror::Error)]
enum MigrateCommandError {
    #[error("DATABASE_URL is not a PostgreSQL address")]
    Address(#[source] sqlx::Error),
    #[error(transparent)]
    Migrate(MigrateError),
}

/// An error with all that it came from, in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}
