//! The ledger under transfers: through socket, action, flush and gate, with everything that the engine promises.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use holdfast_devstack::Stack;
use holdfast_devstack::stack::StackOptions;
use holdfast_protocol::{EntityId, Hello, Nonce};
use tokio::task::JoinSet;

use super::book::Book;
use super::checkpoint;
use super::costs::Processes;
use super::draw::Pairs;
use super::instruments::Ticks;
use super::payer::{Payer, Task};
use super::pots;
use super::report::Figures;
use super::window::{Tally, Window};
use super::{Load, TransferOptions};
use crate::crowd::Crowd;
use crate::staff::Histograms;
use crate::stage::Stage;
use crate::world::World;

/// A database that every cluster has: checkpoints are asked for in it.
const DATABASE: &str = "postgres";

/// How long a server may take to end when it is asked to.
const END_WAIT_MAX: Duration = Duration::from_secs(30);

/// The world, and who pays in it.
pub(super) struct Ours {
    stage: Stage,
    tick_hz: u32,
    hellos: Vec<Hello>,
    pots: Arc<[EntityId]>,
    /// How many actions the world must have decided, for all clients together.
    decided: u64,
    book: Book,
}

impl Ours {
    /// Starts the world at its first tick rate, and opens the pots.
    pub(super) async fn open(options: &TransferOptions, tick_hz: u32, say: fn(&str)) -> Result<Self> {
        let mut stack = StackOptions::new(World::Ledger.game());
        stack.environment.push(("HOLDFAST_SESSIONS".to_owned(), options.clients.max(600).to_string()));
        stack.environment.push(("HOLDFAST_TICK_HZ".to_owned(), tick_hz.to_string()));
        let stage = Stage::start(stack).await?;
        let crowd = Crowd::gather(&stage, World::Ledger, options.clients, options.seed).await?;
        let hellos = crowd.into_first_words();
        let hello = hellos.first().context("there is a client")?.clone();
        let mut payer = Payer::enter(&stage.address()?, hello, nonce()).await?;
        let pots = pots::open(&mut payer, options.purses, say).await?;
        let decided = payer.last_seq().0;
        payer.leave().await?;
        let book = Book::new(pots.len());
        Ok(Self { stage, tick_hz, hellos, pots: pots.into(), decided, book })
    }

    /// The stack that it runs in, with the PostgreSQL that others are measured on.
    pub(super) fn stack(&self) -> Result<&Stack> {
        match &self.stage {
            Stage::Own(stack) => Ok(stack),
            Stage::Foreign { .. } => bail!("transfers are measured in a stack of our own"),
        }
    }

    fn stack_mut(&mut self) -> Result<&mut Stack> {
        match &mut self.stage {
            Stage::Own(stack) => Ok(stack),
            Stage::Foreign { .. } => bail!("transfers are measured in a stack of our own"),
        }
    }

    /// Whose processors are counted.
    pub(super) fn processes(&self) -> Processes {
        Processes::of(&self.stage)
    }

    /// Ends the server in order: while others are measured it does not even beat.
    pub(super) async fn stand_aside(&mut self) -> Result<()> {
        let server = &mut self.stack_mut()?.server;
        if server.pid().is_some() {
            server.signal_stop();
            let status = server.wait_for_exit(END_WAIT_MAX).await?;
            ensure!(status.success(), "the server ended with {status}:\n{}", server.log_tail());
        }
        Ok(())
    }

    /// Goes on at this tick rate: where the server does not run at it, it starts again on what it has written.
    pub(super) async fn tick_at(&mut self, tick_hz: u32) -> Result<()> {
        if tick_hz == self.tick_hz && self.stage.server_pid().is_some() {
            return Ok(());
        }
        self.stand_aside().await?;
        let server = &mut self.stack_mut()?.server;
        let tick_rate = ("HOLDFAST_TICK_HZ".to_owned(), tick_hz.to_string());
        server.replace(World::Ledger.game(), vec![tick_rate])?;
        server.restart().await?;
        self.tick_hz = tick_hz;
        Ok(())
    }

    /// Lets every client pay.
    pub(super) async fn measure(&mut self, load: &Load) -> Result<Figures> {
        let mut payers = self.enter().await?;
        let postgres = &self.stack()?.postgres;
        checkpoint::make(&postgres.url(DATABASE)).await?;
        let staff_url = self.stack()?.server.staff_url();
        let (window, processes) = (Window::next(load.span), self.processes());
        let mut paying = JoinSet::new();
        for (number, mut payer) in payers.drain(..).enumerate() {
            let pairs = Pairs::new(load.shape, self.pots.len(), load.seed_of(number))?;
            let (pots, book) = (Arc::clone(&self.pots), self.book.clone());
            let task = Task { window, pipeline: load.pipeline, pots, pairs, book };
            paying.spawn(async move {
                let tally = payer.pay(task).await?;
                anyhow::Ok((tally, payer))
            });
        }
        let instruments = async {
            tokio::time::sleep_until(window.from).await;
            let before = Histograms::read(Some(&staff_url)).await?;
            tokio::time::sleep_until(window.until).await;
            let after = Histograms::read(Some(&staff_url)).await?;
            let (before, after) = before.zip(after).context("there is a staff's port")?;
            Ticks::of(&after.since(&before)?)
        };
        let (ticks, cores) = tokio::join!(instruments, processes.watch(window));
        let mut total = Tally::default();
        while let Some(paid) = paying.join_next().await {
            let (tally, payer) = paid??;
            total.add(&tally)?;
            payer.leave().await?;
        }
        self.decided += total.sent;
        Ok(Figures { ticks: Some(ticks?), ..Figures::of(&total, &window, cores) })
    }

    /// All clients, in the world.
    async fn enter(&self) -> Result<Vec<Payer>> {
        let address = self.stage.address()?;
        let mut entering = JoinSet::new();
        for hello in self.hellos.iter().cloned() {
            let address = address.clone();
            entering.spawn(async move { Payer::enter(&address, hello, nonce()).await });
        }
        let mut payers = Vec::with_capacity(self.hellos.len());
        while let Some(payer) = entering.join_next().await {
            payers.push(payer??);
        }
        let decided: u64 = payers.iter().map(|payer| payer.last_seq().0).sum();
        ensure!(decided == self.decided, "{decided} actions are decided, but {} were answered", self.decided);
        Ok(payers)
    }

    /// Whether the database holds exactly what was answered: every action, and every coin.
    pub(super) async fn check(&self) -> Result<()> {
        pots::check(&self.stack()?.database_url(), &self.pots, &self.book, self.decided).await
    }
}

fn nonce() -> Nonce {
    Nonce(rand::random())
}
