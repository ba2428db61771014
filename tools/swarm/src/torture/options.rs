//! What is to be run, and what the stack needs for it.

use std::path::PathBuf;
use std::time::Duration;

use holdfast_devstack::proxy::Window;
use holdfast_devstack::stack::StackOptions;

use super::Fault;
use super::faults::failpoint::Trap;
use super::strike::{Point, Strike};
use crate::world::World;

/// In which windows a flush is held, where a fault strikes inside a held flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Windows {
    /// In both, each as often as is asked.
    Both,
    /// Before it is forwarded: nothing of it is committed.
    BeforeForward,
    /// Before its reply is returned: all of it is committed, and only the server does not know.
    BeforeReply,
}

/// How long it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Until each strike of each fault that was named has struck so often; a mixture as often in all.
    Count(usize),
    /// For so long.
    Time(Duration),
}

/// What is to be run.
#[derive(Clone, Debug)]
pub struct TortureOptions {
    /// In which world.
    pub world: World,
    /// The name of the server's binary; another than the world's where a defect is to be caught. Where a fault needs
    /// failpoints, also as a part of a mixture, the world's own is replaced by the one that has them.
    pub binary: String,
    /// Further variables of the server's environment.
    pub environment: Vec<(String, String)>,
    /// What is done to the world, again and again.
    pub faults: Vec<Fault>,
    /// In which windows, where a fault strikes in one.
    pub windows: Windows,
    /// At which points a server dies, where it dies at points.
    pub points: Vec<Point>,
    /// How many further servers of the world stand by; where a fault needs one, there is one in any case.
    pub standbys: usize,
    /// For how long whatever a fault stops stays stopped: the owner always, PostgreSQL at most.
    pub stopped_for: Duration,
    /// How long it goes on.
    pub length: Length,
    /// How many bots play.
    pub bots: usize,
    /// What makes two runs alike, as far as real processes allow.
    pub seed: u64,
    /// Where the history is saved, to be checked again; nowhere where nothing is said.
    pub history: Option<PathBuf>,
    /// How many actions must be accepted between two faults: a fault that hits nothing proves nothing.
    pub accepted_between: usize,
    /// For how long bots must have played between two faults, at least.
    pub played_between: Duration,
}

impl TortureOptions {
    /// Server and PostgreSQL die inside a held flush, so often in each window, while 16 bots play in `world`.
    #[must_use]
    pub fn new(world: World, count: usize, seed: u64) -> Self {
        Self {
            world,
            binary: world.game().to_owned(),
            environment: Vec::new(),
            faults: vec![Fault::Window],
            windows: Windows::Both,
            points: Point::ALL.to_vec(),
            standbys: 0,
            stopped_for: Duration::from_secs(8),
            length: Length::Count(count),
            bots: 16,
            seed,
            history: None,
            accepted_between: 200,
            played_between: Duration::from_secs(2),
        }
    }

    /// What a fault that was named consists of here. A mixture has what needs failpoints wherever there is a server that
    /// has them: not in the village, unless another server than the world's own is named.
    #[must_use]
    pub fn strikes_of(&self, fault: Fault) -> Vec<Strike> {
        let mut strikes: Vec<_> = match fault {
            Fault::Mixed => Fault::MIXTURE.iter().flat_map(|fault| fault.strikes(self)).collect(),
            fault => fault.strikes(self),
        };
        let has_failpoints = self.needs_failpoints() || self.binary != self.world.game();
        strikes.retain(|strike| has_failpoints || !strike.needs_failpoint());
        strikes
    }

    /// All of them, each once.
    #[must_use]
    pub fn strikes(&self) -> Vec<Strike> {
        let mut strikes = Vec::new();
        for strike in self.faults.iter().flat_map(|fault| self.strikes_of(*fault)) {
            if !strikes.contains(&strike) {
                strikes.push(strike);
            }
        }
        strikes
    }

    /// The windows that were asked for.
    pub(super) fn windows(&self) -> &'static [Window] {
        match self.windows {
            Windows::Both => &[Window::BeforeForward, Window::BeforeReply],
            Windows::BeforeForward => &[Window::BeforeForward],
            Windows::BeforeReply => &[Window::BeforeReply],
        }
    }

    /// Whether a server is needed that dies where it is told to. A mixture does without where the world has none.
    fn needs_failpoints(&self) -> bool {
        self.faults.iter().any(|fault| match fault {
            Fault::Failpoint | Fault::Panic => true,
            Fault::Mixed => self.world == World::Ledger,
            _ => false,
        })
    }

    /// Whether somebody must stay with an owner that loses the world.
    pub(super) fn needs_listeners(&self) -> bool {
        self.strikes().into_iter().any(Strike::leaves_an_owner_behind)
    }

    /// The name of the server's binary.
    #[must_use]
    pub fn server_binary(&self) -> String {
        if self.needs_failpoints() && self.binary == self.world.game() {
            format!("{}-sabotaged", self.binary)
        } else {
            self.binary.clone()
        }
    }

    /// The stack that all of it needs.
    pub(super) fn stack(&self, trap: &Trap) -> StackOptions {
        let strikes = self.strikes();
        let needed = usize::from(strikes.iter().any(|strike| strike.needs_standby()));
        let mut stack = StackOptions::new(&self.server_binary()).standbys(self.standbys.max(needed));
        stack.proxied = strikes.iter().any(|strike| strike.needs_proxy());
        stack.linked = strikes.iter().any(|strike| strike.needs_links());
        stack.environment.clone_from(&self.environment);
        if strikes.iter().any(|strike| strike.needs_failpoint()) {
            stack.environment.push(trap.variable());
        }
        stack
    }
}
