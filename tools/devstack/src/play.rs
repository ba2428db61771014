//! `devstack play`: a world for people, at addresses that stay, kept from one run to the next. `cargo play` builds
//! everything and then becomes this.
//!
//! Read [`addresses`] (where everything is), [`world`] (how it opens and closes), [`watch`] (what happens when a part of
//! it dies), [`fresh`] (how a world is thrown away), [`accounts`] (how people keep their characters when the sign-in
//! has moved), [`interrupts`] (Ctrl-C).

mod accounts;
mod addresses;
mod browser;
mod fresh;
mod interrupts;
mod restarts;
mod say;
mod watch;
mod world;

use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use tokio::runtime::Builder;

use crate::data_folder::DataFolder;
use crate::lan;
use addresses::Addresses;
use interrupts::Interrupts;
use say::say;
use watch::Ended;
use world::World;

/// How a world is opened for people.
#[derive(Args, Clone, Debug)]
pub struct PlayOptions {
    /// The port of the page, on this machine alone.
    #[arg(long, default_value_t = 8080, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,

    /// Let others on this network in, such as a friend's phone: everybody plays at one https address, which is shown as
    /// a QR code as well. Anybody on the network can sign in as anybody.
    #[arg(long)]
    pub lan: bool,

    /// The port that others come in by; only with --lan.
    #[arg(long, requires = "lan", default_value_t = lan::PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub lan_port: u16,

    /// The one of this machine's addresses at which others come in [default: all of them, and they are told the one from
    /// which it reaches the internet]; only with --lan.
    #[arg(long, requires = "lan", value_name = "IP")]
    pub lan_address: Option<IpAddr>,

    /// The folder that the world is kept in.
    #[arg(long, value_name = "DIR", default_value = ".holdfast")]
    pub data_dir: PathBuf,

    /// Begin a new world. The one that is there is thrown away, after you have been asked.
    #[arg(long)]
    pub fresh: bool,

    /// Throw the old world away without asking; only with --fresh.
    #[arg(long, requires = "fresh")]
    pub yes: bool,

    /// Open the page in a browser when the world is ready.
    #[arg(long)]
    pub open: bool,

    /// The folder of the built page.
    #[arg(long, value_name = "DIR")]
    pub page: PathBuf,

    /// The game: the name of its binary, or the binary's path.
    #[arg(long, default_value = "village")]
    pub game: String,
}

/// Opens the world, keeps it open until somebody stops it, and says how that went. What people need to know is said on
/// the standard output, why it failed on the standard error.
#[must_use]
#[expect(clippy::print_stderr, reason = "a command talks to whoever called it")]
pub fn run(options: &PlayOptions) -> ExitCode {
    match play(options) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn play(options: &PlayOptions) -> Result<ExitCode> {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let begun = Instant::now();
    let page = std::path::absolute(&options.page).context("find the page")?;
    ensure!(
        page.join("index.html").is_file(),
        "There is no page in {}: build it first, as `cargo play` does.",
        page.display()
    );
    let folder = DataFolder::open(&options.data_dir)?;
    let addresses = runtime.block_on(Addresses::choose(options, &folder))?;
    if options.fresh && !runtime.block_on(fresh::throw_away(&folder, options.yes))? {
        say("Nothing was changed. Without --fresh the world goes on as it is.");
        return Ok(ExitCode::SUCCESS);
    }
    runtime.block_on(async {
        let mut interrupts = Interrupts::listen()?;
        let opening = World::open(&options.game, &page, &folder, &addresses);
        let mut world = tokio::select! {
            world = opening => world?,
            () = interrupts.first() => {
                say("Stopped before the world was open. Nothing is lost.");
                return Ok(ExitCode::SUCCESS);
            }
        };
        world.welcome(&folder, &addresses.invitation()?, begun.elapsed());
        if options.open {
            browser::open(&addresses.page());
        }
        let ended = watch::watch(&mut world, &mut interrupts).await;
        if matches!(ended, Ok(Ended::Asked)) {
            say("\nClosing the world: everything is written down first. (Ctrl-C once more: at once.)");
        }
        let in_time = world.close(&mut interrupts).await;
        match ended? {
            Ended::Asked => {}
            Ended::ServerStopped => say("The server was told to stop, so everything stops."),
        }
        say(&format!("The world is kept in {}.", folder.path().display()));
        // As a shell says it of what a Ctrl-C ended.
        Ok(if in_time { ExitCode::SUCCESS } else { ExitCode::from(130) })
    })
}
