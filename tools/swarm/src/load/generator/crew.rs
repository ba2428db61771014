//! The bots of one generator: they connect, play, and their figures are taken.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use holdfast_client::{Client, ClientConfig, ClientCore};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::super::behaviour::{Behaviour, Walker, places};
use super::super::figures::{Figures, InView};
use super::super::ground::{Ground, Steps};
use super::super::light::{LightBot, Plan};
use super::super::measure::Measure;
use super::super::player::Player;
use super::super::schedule::{LAST_ANSWERS_WAIT, Pacing, START_WAIT, Schedule, Span};
use super::super::slow::{self, Line};
use super::super::watcher;
use super::job::{BotJob, Job, Part, Said};
use super::say;
use crate::world::Bytes;

/// How often it is told how far all is.
const PROGRESS_EVERY: Duration = Duration::from_secs(1);

/// How long bots may take until the world's state is with all of them, beyond the time over which they are spread.
const CONNECT_WAIT_MAX: Duration = Duration::from_secs(60);

/// How often it is looked whether all have come.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The bots of one generator.
pub(super) struct Crew {
    job: Job,
    measure: Arc<Measure>,
    go: watch::Sender<Option<Span>>,
    tasks: JoinSet<()>,
    watchers: Vec<Arc<Client<Bytes>>>,
    /// Those who play for the watchers, until the load begins.
    waiting: Vec<Player>,
    ground: Option<Arc<Ground>>,
    places: Arc<Vec<Steps>>,
    told_at: Instant,
}

impl Crew {
    pub(super) fn new(job: Job) -> Self {
        let ground = job.world.terrain().map(|terrain| Arc::new(Ground::of(terrain)));
        let places = match &ground {
            Some(ground) if job.behaviour == Behaviour::Walk => places(ground, job.seed),
            _ => Vec::new(),
        };
        Self {
            job,
            measure: Arc::new(Measure::new()),
            go: watch::Sender::new(None),
            tasks: JoinSet::new(),
            watchers: Vec::new(),
            waiting: Vec::new(),
            ground,
            places: Arc::new(places),
            told_at: Instant::now(),
        }
    }

    /// Connects all, evenly over the ramp, and waits until the world's state is with all who do not read slowly.
    pub(super) async fn connect(&mut self) -> Result<()> {
        let (start, bots) = (Instant::now(), std::mem::take(&mut self.job.bots));
        let expected = bots.iter().filter(|bot| bot.part != Part::Slow).count();
        let count = u32::try_from(bots.len()).unwrap_or(u32::MAX).max(1);
        for (number, bot) in (0..).zip(bots) {
            sleep_until(start + self.job.ramp * number / count).await;
            self.enter(bot);
            self.tell_if_due()?;
        }
        let deadline = Instant::now() + CONNECT_WAIT_MAX;
        while self.measure.playing_count() < expected && Instant::now() < deadline {
            sleep(LOOK_EVERY).await;
            self.tell_if_due()?;
        }
        let absent = expected.saturating_sub(self.measure.playing_count());
        ensure!(absent == 0, "{absent} of {expected} bots did not get into the world");
        self.tell()
    }

    fn enter(&mut self, bot: BotJob) {
        let mut rng = StdRng::seed_from_u64(self.job.seed.wrapping_add(bot.character.0));
        let client_seed = rng.random();
        let (address, hello) = (self.job.address.clone(), bot.hello(self.job.build));
        let measure = Arc::clone(&self.measure);
        if bot.part == Part::Slow {
            // Characters' ids are odd: half of them have lines of either kind.
            let line = if bot.character.0 % 4 == 1 { Line::Thin } else { Line::Failing };
            self.tasks.spawn(slow::read(address, hello, line, measure, rng));
            return;
        }
        let walker = self
            .ground
            .as_ref()
            .map(|ground| Walker::new(Arc::clone(ground), bot.patch, Arc::clone(&self.places), &mut rng));
        let player = Player::new(bot.character, self.job.world, walker, measure, rng);
        if bot.part == Part::Watcher {
            let config = ClientConfig {
                address,
                build: self.job.build,
                character: bot.character,
                token: Box::new(move || bot.token.clone()),
                kept: None,
                seed: client_seed,
            };
            let observer = self.measure.watcher(self.job.world, bot.character);
            self.watchers.push(Arc::new(Client::connect(config, observer)));
            self.waiting.push(player);
            return;
        }
        let pacing = if bot.part == Part::Closed { Pacing::Closed } else { Pacing::Open };
        let plan = Plan { client_seed, rate: self.job.rate, pacing, cuts: bot.cuts };
        let bot = LightBot::new(&address, hello, player, plan, self.go.subscribe());
        self.tasks.spawn(bot.run());
    }

    /// Lets all play, and hands over what was measured.
    pub(super) async fn play(&mut self) -> Result<Figures> {
        let start = Instant::now() + START_WAIT;
        let from = start + self.job.warmup;
        let span = Span { start, from, end: from + self.job.duration };
        self.measure.count_within(span);
        self.go.send_replace(Some(span));
        for (client, mut player) in self.watchers.iter().zip(self.waiting.drain(..)) {
            let client = Arc::clone(client);
            let schedule = Schedule::new(span, self.job.rate, Pacing::Open, &mut player.rng);
            self.measure.intends(&schedule, span);
            self.tasks.spawn(async move { watcher::play(&client, player, schedule).await });
        }
        self.tell_until(span.from).await?;
        let bytes_before = self.bytes_received();
        self.tell_until(span.end).await?;
        let bytes_received = self.bytes_received().saturating_sub(bytes_before);
        let in_view = self.watchers.iter().map(|client| {
            let watcher = client.core(ClientCore::character);
            client.view(|copy| InView::of(copy, watcher))
        });
        let in_view = in_view.collect();
        let deadline = Instant::now() + LAST_ANSWERS_WAIT;
        while !self.measure.notes().is_complete() && Instant::now() < deadline {
            sleep(LOOK_EVERY).await;
        }
        let mut figures = self.measure.notes().close();
        figures.bytes_received = bytes_received;
        figures.in_view = in_view;
        for client in &self.watchers {
            figures.divergences += client.core(ClientCore::divergence_count);
            figures.reconnects += client.welcome_count().saturating_sub(1);
        }
        Ok(figures)
    }

    fn bytes_received(&self) -> u64 {
        let watchers: u64 = self.watchers.iter().map(|client| client.bytes_received()).sum();
        self.measure.bytes_received() + watchers
    }

    async fn tell_until(&mut self, end: Instant) -> Result<()> {
        while Instant::now() < end {
            sleep_until((Instant::now() + PROGRESS_EVERY).min(end)).await;
            self.tell()?;
        }
        Ok(())
    }

    fn tell_if_due(&mut self) -> Result<()> {
        if self.told_at.elapsed() < PROGRESS_EVERY { Ok(()) } else { self.tell() }
    }

    /// Tells how far all is.
    fn tell(&mut self) -> Result<()> {
        self.told_at = Instant::now();
        let latency = self.measure.notes().figures.latency.clone();
        say(&Said::Progress { playing: self.measure.playing_count(), latency })
    }
}
