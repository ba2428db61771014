//! One run: servers, database, network and clients, stepped event by event until everybody is well again.
//!
//! Nothing in here reads a clock, draws from anything but the plan's seed, or looks at the order of a hash table: the
//! same plan is the same run, to the byte. The story of a run: faults strike while clients play (`strike`); then all of
//! them are over, and each client must complete one more action (`calm`); then the checks (`judge`).
//!
//! Who does what: `server` (a process, from its start to its end) and `ownership` (how it comes to own the world),
//! `socket` (what passes between a server and a connection), `store` (what passes between a server and the database),
//! `client` and `acts` (a client, and who plays it), `witness` (looks at every message as it leaves and compares it with
//! what is committed).

mod acts;
mod calm;
mod client;
mod hush;
mod judge;
mod ownership;
mod server;
mod socket;
mod store;
mod strike;
mod witness;

pub use hush::hush_panics;

use std::sync::Arc;
use std::time::Duration;

use holdfast::App;
use holdfast_checker::{Beginning, History, Samples};
use holdfast_front::{Limits, Moment};
use holdfast_protocol::BuildId;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::agenda::Agenda;
use crate::database::Database;
use crate::fault::Fault;
use crate::game::{Blunderers, UNWRITABLE};
use crate::host::{Host, HostEvent};
use crate::model_store::ModelStore;
use crate::network::Link;
use crate::plan::{Begins, Plan};
use crate::player::{Player, PlayerEvent};
use crate::point::Reach;
use crate::process::{ProcessSettings, build_of};
use crate::trace::Trace;

/// How long a tick lasts.
const TICK: Duration = Duration::from_millis(50);

/// When a run begins: any moment but zero, which stands for never.
const START: Moment = Moment(Duration::from_secs(1_000));

/// How many events a run may have. Beyond, something goes round in circles.
const EVENTS_MAX: u64 = 200_000;

/// How many servers there are.
const HOSTS: usize = 2;

/// How a run is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether the trace has lines.
    pub with_lines: bool,
    /// Whether each message is compared with what is committed, as it leaves. Without that there is only what clients
    /// saw, as in a world of real processes.
    pub with_witness: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { with_lines: false, with_witness: true }
    }
}

/// What a run has come to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The first promise that was broken; none where all were kept.
    pub failure: Option<String>,
    /// What happened.
    pub trace: Trace,
    /// Which faults met whom.
    pub reach: Reach,
    /// Figures of the run.
    pub figures: Figures,
}

/// What a run, or many of them, were made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Ticks that ran.
    pub ticks: u64,
    /// Faults that struck.
    pub faults: u64,
    /// Processes that died.
    pub crashes: u64,
    /// Ownerships that began.
    pub ownerships: u64,
    /// Reloads within a process.
    pub reloads: u64,
    /// Actions that were accepted.
    pub accepted: u64,
    /// Copies of clients that were compared with a fresh snapshot.
    pub compared: u64,
    /// Simulated time, in milliseconds.
    pub simulated_ms: u64,
}

impl Figures {
    /// Adds those of another run.
    pub fn add(&mut self, other: &Self) {
        self.ticks += other.ticks;
        self.faults += other.faults;
        self.crashes += other.crashes;
        self.ownerships += other.ownerships;
        self.reloads += other.reloads;
        self.accepted += other.accepted;
        self.compared += other.compared;
        self.simulated_ms += other.simulated_ms;
    }
}

/// What every run needs and none changes: made once. A defect is turned on only after that.
pub struct Stage {
    build: BuildId,
    empty: ModelStore,
    laid_out: ModelStore,
    settled: ModelStore,
}

impl Stage {
    /// Lays out a world, lets everybody play in it once, and keeps what that came to.
    ///
    /// # Panics
    /// Where a run without any fault fails.
    #[must_use]
    pub fn new() -> Self {
        let mut empty = ModelStore::new(&App::of::<Blunderers>().tables());
        client::make_characters(&mut empty);
        empty.forbid(UNWRITABLE);
        let build = build_of::<Blunderers>();
        let mut stage = Self { build, laid_out: empty.clone(), settled: empty.clone(), empty };
        stage.laid_out = stage.prelude(Begins::Empty, 0);
        let whole = stage.laid_out.clone();
        stage.laid_out.keep_only(|id| store::is_of_first_group(&whole, id));
        stage.settled = stage.prelude(Begins::LaidOut, crate::plan::CLIENTS_MAX);
        stage
    }

    /// What a run without faults leaves behind.
    fn prelude(&self, begins: Begins, clients: u8) -> ModelStore {
        let plan = Plan {
            seed: 0,
            clients,
            ticks: 20,
            begins,
            standby: false,
            short_stays: false,
            crowded: false,
            faults: Vec::new(),
        };
        let mut simulation = Simulation::new(self, &plan, Options::default());
        for player in &mut simulation.players {
            // They come, and do nothing.
            (player.is_done, player.acts_at) = (true, Moment(Duration::MAX));
        }
        simulation.play();
        simulation.calm_down();
        assert_eq!(simulation.failure, None, "a run without faults");
        simulation.database.model
    }

    /// Runs a plan. A panic that is no part of it is a failure of the run.
    #[must_use]
    pub fn run(&self, plan: &Plan, options: Options) -> Outcome {
        let mut simulation = Simulation::new(self, plan, options);
        let played = hush::hushed(|| {
            simulation.play();
            simulation.calm_down();
            simulation.judge();
        });
        if let Err(panic) = played {
            simulation.fail(format!("a panic: {}", server::panic_message(&*panic)));
        }
        simulation.finish()
    }
}

impl Default for Stage {
    fn default() -> Self {
        Self::new()
    }
}

/// What can happen.
enum Event {
    /// To the process of a server; void where it is another one by then.
    Host(usize, u64, HostEvent),
    /// To a client.
    Player(usize, PlayerEvent),
    /// A backend has come to the end of a statement, or to a point within it.
    Commit(u64, store::Step),
    /// A backend finds that its client is gone.
    BackendEnds(crate::database::Backend),
    /// A fault is due, or armed.
    Strike(usize),
    /// A frozen process goes on.
    Thaw(usize, u64),
}

/// A run under way.
struct Simulation<'a> {
    stage: &'a Stage,
    plan: &'a Plan,
    options: Options,
    agenda: Agenda<Event>,
    trace: Trace,
    rng: StdRng,
    hosts: Vec<Host>,
    life_count: u64,
    request_count: u64,
    database: Database,
    links: Vec<Link>,
    players: Vec<Player>,
    history: History,
    beginning: Beginning,
    /// Looks at the tables, now and then.
    samples: Samples,
    /// Faults that wait for their point.
    armed: Vec<Fault>,
    reach: Reach,
    figures: Figures,
    /// Whether no fault strikes any more.
    is_calm: bool,
    failure: Option<String>,
}

impl<'a> Simulation<'a> {
    fn new(stage: &'a Stage, plan: &'a Plan, options: Options) -> Self {
        let model = match plan.begins {
            Begins::Empty => &stage.empty,
            Begins::LaidOut => &stage.laid_out,
            Begins::Settled => &stage.settled,
        };
        let players = (0..plan.clients.min(crate::plan::CLIENTS_MAX))
            .map(|number| client::player(number, plan.seed, stage.build))
            .collect();
        let mut simulation = Self {
            stage,
            plan,
            options,
            agenda: Agenda::new(START),
            trace: Trace::new(options.with_lines),
            rng: StdRng::seed_from_u64(plan.seed ^ 0x5349_4d55_4c41_5445),
            hosts: (0..HOSTS).map(|_| Host::new()).collect(),
            life_count: 0,
            request_count: 0,
            database: Database::new(model.clone()),
            links: Vec::new(),
            players,
            history: History::default(),
            beginning: judge::beginning(),
            samples: Samples::default(),
            armed: Vec::new(),
            reach: Reach::default(),
            figures: Figures::default(),
            is_calm: false,
            failure: None,
        };
        simulation.begin();
        simulation
    }

    fn begin(&mut self) {
        if self.plan.short_stays {
            self.history.resumable_for(Duration::ZERO);
        }
        self.start(0, Duration::ZERO);
        if self.plan.standby {
            self.start(1, Duration::from_millis(1));
        }
        for player in 0..self.players.len() {
            let after = Duration::from_millis(self.rng.random_range(0..40));
            self.agenda.put(after, Event::Player(player, PlayerEvent::Wake));
        }
        for (number, fault) in self.plan.faults.iter().enumerate() {
            let after = Duration::from_millis(u64::from(fault.after_ms));
            self.agenda.put(after, Event::Strike(number));
        }
    }

    /// The story, until no fault strikes any more.
    fn play(&mut self) {
        let ticks = u64::from(self.plan.ticks);
        let last = self.plan.faults.iter().map(|fault| fault.after_ms).max().unwrap_or(0);
        let last = START + Duration::from_millis(u64::from(last));
        self.go_on_until(|run| run.figures.ticks >= ticks && run.agenda.now() >= last);
    }

    /// Takes one event after the other, until something is so, or a promise is broken.
    fn go_on_until(&mut self, mut is_so: impl FnMut(&Self) -> bool) {
        while self.failure.is_none() && !is_so(self) {
            if self.trace.count() > EVENTS_MAX {
                return self.fail("the run does not come to an end".to_owned());
            }
            match self.agenda.take() {
                Some(event) => self.happen(event),
                None => return self.fail("nothing happens any more".to_owned()),
            }
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Host(host, life, event) => self.host_event(host, life, event),
            Event::Player(player, event) => self.player_event(player, event),
            Event::Commit(statement, step) => self.statement_step(statement, step),
            Event::BackendEnds(backend) => self.database.end(backend),
            Event::Strike(number) => self.fault_is_due(number),
            Event::Thaw(host, life) => self.thaw(host, life),
        }
    }

    fn now(&self) -> Moment {
        self.agenda.now()
    }

    fn note(&mut self, what: &'static str, one: u64, two: u64) {
        self.trace.note(self.agenda.now(), what, one, two);
    }

    /// A promise is broken, and the run is over.
    fn fail(&mut self, what: String) {
        self.trace.note_words(self.agenda.now(), "FAILED", || what.clone());
        self.failure.get_or_insert(what);
    }

    /// Some time between two bounds, in microseconds.
    fn between(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_micros(self.rng.random_range(least..=most))
    }

    fn settings(&mut self, host: usize) -> ProcessSettings {
        let mut limits = Limits { hash_interval_ticks: 7, ..Limits::default() };
        if self.plan.short_stays {
            limits.asleep_for = Duration::from_millis(700);
            limits.resumable_for = Duration::from_millis(1_500);
            limits.write_timeout = Duration::from_secs(2);
        }
        if self.plan.crowded {
            (limits.unanswered_max, limits.queued_max) = (3, 6);
        }
        ProcessSettings {
            build: self.stage.build,
            session_capacity: 2 * usize::from(crate::plan::CLIENTS_MAX),
            tick: TICK,
            addresses: Arc::from([client::address(host), client::address(1 - host)]),
            limits,
            seed: self.rng.random(),
        }
    }

    fn finish(mut self) -> Outcome {
        self.figures.accepted = self.history.accepted_count() as u64;
        let passed = self.agenda.now().since(START).as_millis();
        self.figures.simulated_ms = u64::try_from(passed).unwrap_or(u64::MAX);
        Outcome { failure: self.failure, trace: self.trace, reach: self.reach, figures: self.figures }
    }
}
