//! Watches over an open world: what dies is started again, and people are told.

use std::process::ExitStatus;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};

use super::interrupts::Interrupts;
use super::restarts::Restarts;
use super::say::say;
use super::world::World;
use crate::postgres::Postgres;

/// How often is looked whether everything lives.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What a server ends with that may be started again at once: it has lost the world, its database, or a tick.
const EXIT_RESTART: i32 = 75;

/// What a Rust program ends with that has panicked.
const EXIT_PANIC: i32 = 101;

/// Why nobody has to watch any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Somebody wants us to stop.
    Asked,
    /// Somebody has told the server itself to stop.
    ServerStopped,
}

/// Watches until somebody wants to stop.
///
/// # Errors
/// Where something has ended that it makes no sense to start again, or that keeps dying; the end of its log is in the
/// error.
pub(super) async fn watch(world: &mut World, interrupts: &mut Interrupts) -> Result<Ended> {
    let now = Instant::now();
    let (mut servers, mut databases) = (Restarts::new(now), Restarts::new(now));
    loop {
        // The database first: a server that misses it may well have ended because of that.
        if let Some(status) = world.postgres.take_exit()? {
            say(&format!(
                "PostgreSQL has ended ({status}). It is started again; what was said to be safe is."
            ));
            tokio::select! {
                back = bring_back(&mut world.postgres, &mut databases) => back?,
                () = interrupts.first() => return Ok(Ended::Asked),
            }
            say("PostgreSQL is back.");
        }
        if let Some(status) = world.server.exit_status() {
            match Death::of(status) {
                Death::Asked => return Ok(Ended::ServerStopped),
                Death::Final => return Err(given_up(world, &format!("The server has ended ({status})"))),
                Death::Passing => {}
            }
            let died = Instant::now();
            let Some(wait) = servers.wait_after_death(died) else {
                return Err(given_up(world, &format!("The server ends again and again ({status})")));
            };
            say(&format!(
                "The server has ended ({status}). It is started again; pages reconnect by themselves."
            ));
            let again = async {
                tokio::time::sleep(wait).await;
                world.server.restart().await
            };
            let started = tokio::select! {
                started = again => started,
                () = interrupts.first() => return Ok(Ended::Asked),
            };
            servers.started(Instant::now());
            match (started, world.server.pid()) {
                (Ok(()), Some(pid)) => say(&format!(
                    "It is back after {:.1} s, and nothing is lost. Try it again: kill -9 {pid}",
                    died.elapsed().as_secs_f64()
                )),
                // It has ended once more, and the next look finds that.
                (_, None) => {}
                (Err(error), Some(_)) => return Err(error),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = interrupts.first() => return Ok(Ended::Asked),
        }
    }
}

/// Starts a PostgreSQL that has ended until it runs: it may be killed once more while it starts, or miss room on the
/// disk that somebody makes.
///
/// # Errors
/// Where it keeps ending; the end of its log is in the error.
async fn bring_back(postgres: &mut Postgres, restarts: &mut Restarts) -> Result<()> {
    while let Some(wait) = restarts.wait_after_death(Instant::now()) {
        tokio::time::sleep(wait).await;
        if postgres.start_again().await.is_ok() {
            restarts.started(Instant::now());
            return Ok(());
        }
        say("PostgreSQL does not start. It is tried again; what was said to be safe is.");
    }
    bail!(
        "PostgreSQL ends again and again, and everything stops; what was said to be safe is. The end of {}:\n{}",
        postgres.log().display(),
        postgres.log_tail()
    )
}

/// What a server's end asks of us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Death {
    /// It was told to.
    Asked,
    /// It may be started again.
    Passing,
    /// Somebody has to mend something first.
    Final,
}

impl Death {
    fn of(status: ExitStatus) -> Self {
        match status.code() {
            Some(0) => Self::Asked,
            // No code: a signal ended it.
            None | Some(EXIT_RESTART | EXIT_PANIC) => Self::Passing,
            Some(_) => Self::Final,
        }
    }
}

fn given_up(world: &World, what: &str) -> anyhow::Error {
    let (path, tail) = (world.server.log().display(), world.server.log_tail());
    let advice = if world.server.was_built_anew() {
        " It was built anew while the world was open: `cargo play` opens the world again, with the page that belongs to it."
    } else {
        ""
    };
    anyhow!("{what}, and everything stops.{advice} The end of {path}:\n{tail}")
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    #[test]
    fn a_server_comes_back_from_kills_and_lost_worlds_but_not_from_bad_settings() {
        let code = |code: i32| Death::of(ExitStatus::from_raw(code << 8));
        assert_eq!(Death::of(ExitStatus::from_raw(9)), Death::Passing);
        assert_eq!([code(75), code(101)], [Death::Passing; 2]);
        assert_eq!([code(1), code(2), code(127)], [Death::Final; 3]);
        assert_eq!(code(0), Death::Asked);
    }
}
