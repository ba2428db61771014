//! The command line of a world's server: `serve`, `migrate`, `doctor`, `history`, `retain` and `build-id`.
//!
//! A game's `main` is one call of [`run`]. What is decided here is only the order: settings and log; signals, sign-in,
//! the page and the door's port, so that what is wrong with them is known before the world is asked for; then the store, the
//! world, the hub, and at last the door opens.

mod characters;
mod doctor;
mod history;
mod retain;
#[cfg(feature = "sabotage")]
mod sabotage;
mod serve;
mod site;

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use holdfast_protocol::BuildId;
use sqlx::postgres::PgConnectOptions;

use crate::app::{App, Game};
use crate::config::{LogConfig, RolesConfig, ServeConfig, StoreConfig};
use crate::persistence::migrate::{MigrateError, migrate_for};
use crate::telemetry;

/// What a process ends with when it may be started again at once: another owner has the world, or the database could not be
/// reached at the start.
/// A person has to do something first where it is the common 1.
const EXIT_RESTART: u8 = 75;

/// How long a process that ends waits for threads that are still at work.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(1);

const EXIT_CODES: &str = "\
Exit codes:
  0   done; a server has stopped as asked, with everything written
  1   something has to be mended first: a setting, the database, its schema, what a game does; the last log line says what
  2   the command line could not be read
  75  the world is another server's now, or its database was not there at the start: the same command may be started
      again at once";

#[derive(Parser)]
#[command(about = "A Holdfast world's server.", version, arg_required_else_help = true, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the world. Stands by for as long as another server owns it, and takes over from it.
    #[command(after_help = EXIT_CODES)]
    Serve {
        #[command(flatten)]
        store: StoreConfig,
        #[command(flatten)]
        serve: Box<ServeConfig>,
        #[command(flatten)]
        log: LogConfig,
    },
    /// Brings the database to what this build needs, and grants the roles of servers and readers what they need. Run it
    /// with each new build, as the owner of the world's tables.
    Migrate {
        #[command(flatten)]
        store: StoreConfig,
        #[command(flatten)]
        roles: RolesConfig,
        #[command(flatten)]
        log: LogConfig,
    },
    /// Looks at everything that `serve` needs, with the settings that `serve` gets: says of each thing how it is and what
    /// to do, and changes nothing. Ends with 0 only where a server would start and people could play, else with 1.
    Doctor {
        #[command(flatten)]
        store: StoreConfig,
        #[command(flatten)]
        serve: Box<ServeConfig>,
        #[command(flatten)]
        roles: RolesConfig,
        /// Prints what was found as JSON: `ok`, and `findings` of `check`, `mark` (`ok`, `warning`, `must_mend`), `says`
        /// and `todo`.
        #[arg(long)]
        json: bool,
    },
    /// Tells who had an item, when and by which action, or what a character did. Needs only the right to read.
    History {
        #[command(flatten)]
        store: StoreConfig,
        #[command(flatten)]
        history: history::HistoryArgs,
    },
    /// Makes the journal's next days and removes those that are over. A server does so itself once an hour; this is for
    /// a timer, where no server runs for long.
    Retain {
        #[command(flatten)]
        store: StoreConfig,
    },
    /// Prints the build id, 32 hex digits: what a page must be built with for this server to serve it.
    BuildId,
}

/// Runs the command line of game `G`. `deployment` is the name of this deployment: a part of the build id, which
/// lets in clients of the same build only. A game's `main.rs` reads it with `option_env!("HOLDFAST_BUILD")`, so that
/// another deployment is no more than another link.
pub fn run<G: Game>(deployment: Option<&'static str>) -> ExitCode {
    let cli = Cli::parse();
    let deployment = deployment.unwrap_or("dev");
    #[cfg(feature = "sabotage")]
    if let Err(error) = sabotage::set_from_environment() {
        return sabotage::refuse(&*error);
    }
    let ended = match cli.command {
        Command::Serve { store, serve, log } => start(&log, |runtime| {
            runtime.block_on(serve::serve::<G>(store, *serve, deployment))?;
            Ok(())
        }),
        Command::Migrate { store, roles, log } => start(&log, |runtime| {
            runtime.block_on(migrate_world::<G>(&store, &roles))?;
            tracing::info!("the database is what this build needs");
            Ok(())
        }),
        Command::Doctor { store, serve, roles, json } => {
            let patient = doctor::Patient { store, serve: *serve, roles };
            return doctor::doctor::<G>(&patient, deployment, json);
        }
        Command::History { store, history } => print(|runtime| {
            runtime.block_on(history::history::<G>(&store, &history))?;
            Ok(())
        }),
        Command::Retain { store } => print(|runtime| {
            runtime.block_on(retain::retain(&store))?;
            Ok(())
        }),
        Command::BuildId => print_build_id::<G>(deployment),
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

fn start(log: &LogConfig, work: impl FnOnce(&tokio::runtime::Runtime) -> Ended) -> Ended {
    telemetry::init(log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = work(&runtime);
    // A tick that never ends must not keep the process from ending.
    runtime.shutdown_timeout(SHUTDOWN_WAIT);
    ended
}

/// Work whose result is printed: without a log, which would stand in between. What went wrong goes to standard error.
fn print(work: impl FnOnce(tokio::runtime::Runtime) -> Ended) -> Ended {
    let ended = work(tokio::runtime::Builder::new_current_thread().enable_all().build()?);
    if let Err(error) = &ended {
        // Where nobody reads that either, the exit code still says it.
        let _ = writeln!(std::io::stderr(), "{}", chain(&**error));
    }
    ended
}

async fn migrate_world<G: Game>(store: &StoreConfig, roles: &RolesConfig) -> Result<(), MigrateCommandError> {
    let options: PgConnectOptions = store.database_url.parse().map_err(MigrateCommandError::Address)?;
    let (migrations, tables) = (G::migrations(), App::of::<G>().tables());
    migrate_for(&roles.roles(), &options, &migrations, &tables).await.map_err(MigrateCommandError::Migrate)
}

/// Without a log: what is printed is for scripts. A pipe that nobody reads is an error like any other.
fn print_build_id<G: Game>(deployment: &str) -> Ended {
    let build = BuildId::of(&App::of::<G>().wire(), deployment);
    writeln!(std::io::stdout(), "{build}")?;
    Ok(())
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
        let cause_text = cause.to_string();
        // Some errors of libraries repeat what they come from.
        if !text.ends_with(&cause_text) {
            let _ = write!(text, ": {cause_text}");
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::serve::ServeError;
    use super::*;
    use crate::bridge::BridgeEnd;
    use crate::persistence::postgres::{BootError, ConnectError};
    use crate::persistence::schema::SchemaError;
    use crate::persistence::store::{StoreError, StoreErrorClass};
    use crate::persistence::writer::StopReason;

    fn failed(class: StoreErrorClass) -> ServeError {
        let error = StoreError::new(class, "42883", "no flush_tick");
        ServeError::Bridge(BridgeEnd::Stopped(match class {
            StoreErrorClass::Permanent => StopReason::Refused { error, actions: Vec::new() },
            _ => StopReason::Halted(error),
        }))
    }

    #[test]
    fn the_log_tells_what_the_store_said() {
        let text = chain(&failed(StoreErrorClass::Halt));
        let expected = "the world cannot be written any more: the store takes nothing any more: \
                        Halt (42883): no flush_tick";
        assert_eq!(text, expected);
        let error = StoreError::new(StoreErrorClass::Fenced, "GW001", "");
        let fenced = ServeError::Bridge(BridgeEnd::Stopped(StopReason::Fenced(Some(error))));
        assert!(chain(&fenced).contains("somebody else owns the world: Fenced (GW001)"));
    }

    #[test]
    fn a_cause_that_is_repeated_is_told_once() {
        let error =
            BootError::Connect(ConnectError::Database(sqlx::Error::Io(std::io::Error::other("refused"))));
        let text = chain(&ServeError::Boot(error));
        assert_eq!(text.matches("refused").count(), 1, "{text}");
    }

    #[test]
    fn a_server_is_started_again_only_where_that_may_help() {
        let io = || sqlx::Error::Io(std::io::ErrorKind::ConnectionRefused.into());
        let boot = |error: ConnectError| ServeError::Boot(BootError::Connect(error));
        let again = [
            failed(StoreErrorClass::Permanent),
            ServeError::Bridge(BridgeEnd::Stopped(StopReason::Fenced(None))),
            ServeError::Bridge(BridgeEnd::PartLost),
            ServeError::Bridge(BridgeEnd::WorldQueueFull),
            boot(ConnectError::Timeout),
            boot(ConnectError::Database(io())),
            ServeError::Boot(BootError::Database { doing: "wait", source: io() }),
            ServeError::Boot(BootError::Schema(SchemaError::Database(io()))),
        ];
        for error in again {
            assert!(error.may_start_again(), "{error:?}");
        }
        let not_again = [
            failed(StoreErrorClass::Halt),
            ServeError::Bridge(BridgeEnd::DrainTimedOut),
            boot(ConnectError::Refused("set fsync = on".to_owned())),
            boot(ConnectError::Database(sqlx::Error::Configuration("no such file".into()))),
            ServeError::Boot(BootError::Schema(SchemaError::Missing)),
            ServeError::Boot(BootError::Schema(SchemaError::Differs(Vec::new()))),
        ];
        for error in not_again {
            assert!(!error.may_start_again(), "{error:?}");
        }
    }

    #[test]
    fn help_tells_the_exit_codes() {
        let help = Cli::command().render_help().to_string();
        assert!(help.contains(&format!("  {EXIT_RESTART}  ")), "{help}");
    }
}
