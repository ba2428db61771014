//! The named points at which a fault can strike, what a client may be doing at that instant, and the table of how often
//! each has met the other.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// An instant in the life of a server at which a fault can strike: in the code's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Point {
    /// The writer has made a batch, and nothing of it has left the process.
    BeforeFlush,
    /// The database has found that the batch is the owner's, and has written nothing of it.
    AfterFence,
    /// The database has written some of the batch's rows, and has not committed.
    MidBatch,
    /// The batch is committed, and the server does not know.
    AfterCommit,
    /// The server has read that the batch is committed, and the gate has not opened.
    BeforeGate,
    /// Some of those who are to be told have been told.
    GateHalfOpen,
    /// The world is taken, and not loaded.
    DuringLoad,
    /// A tick has attached a connection to a character, and is not durable.
    DuringAttach,
    /// An attachment is durable, and Welcome has not been written.
    BeforeWelcome,
    /// The process has closed everything, and has not taken its world anew.
    DuringReload,
}

impl Point {
    /// All of them, in the order in which a flush and a life meet them.
    pub const ALL: [Self; 10] = [
        Self::BeforeFlush,
        Self::AfterFence,
        Self::MidBatch,
        Self::AfterCommit,
        Self::BeforeGate,
        Self::GateHalfOpen,
        Self::DuringLoad,
        Self::DuringAttach,
        Self::BeforeWelcome,
        Self::DuringReload,
    ];

    /// What people call it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::BeforeFlush => "before flush",
            Self::AfterFence => "after fence",
            Self::MidBatch => "mid-batch",
            Self::AfterCommit => "after commit, before the reply is read",
            Self::BeforeGate => "after the reply, before the gate",
            Self::GateHalfOpen => "gate half open",
            Self::DuringLoad => "during load",
            Self::DuringAttach => "during attach",
            Self::BeforeWelcome => "between attach and Welcome",
            Self::DuringReload => "during reload",
        }
    }
}

/// What a client is doing when a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doing {
    /// It has no connection.
    Apart,
    /// It has said Hello for the first time, or after its session was over.
    Joining,
    /// It has said Hello with the token of a session that is to go on.
    Returning,
    /// It is in the world, and waits for nothing.
    Idle,
    /// It is in the world, and has actions without an answer.
    Waiting,
    /// It is in the world, and does not read.
    Deaf,
    /// It believes to be in the world, over a connection that leads nowhere.
    HalfOpen,
}

impl Doing {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Apart, Self::Joining, Self::Returning, Self::Idle, Self::Waiting, Self::Deaf, Self::HalfOpen];

    /// What people call it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Apart => "apart",
            Self::Joining => "joining",
            Self::Returning => "returning",
            Self::Idle => "idle",
            Self::Waiting => "waiting",
            Self::Deaf => "deaf",
            Self::HalfOpen => "half-open",
        }
    }
}

/// How often a fault has struck at each point while a client was doing each thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    cells: BTreeMap<(Point, Doing), u64>,
}

impl Reach {
    /// A fault strikes at this point while some client does this.
    pub(crate) fn count(&mut self, point: Point, doing: Doing) {
        *self.cells.entry((point, doing)).or_default() += 1;
    }

    /// Adds what another run has reached.
    pub fn add(&mut self, other: &Self) {
        for (cell, count) in &other.cells {
            *self.cells.entry(*cell).or_default() += count;
        }
    }

    /// How often the two have met.
    #[must_use]
    pub fn of(&self, point: Point, doing: Doing) -> u64 {
        self.cells.get(&(point, doing)).copied().unwrap_or(0)
    }

    /// The cells that were reached less often than that.
    #[must_use]
    pub fn below(&self, count: u64) -> Vec<(Point, Doing)> {
        let cells = Point::ALL.into_iter().flat_map(|point| Doing::ALL.map(|doing| (point, doing)));
        cells.filter(|(point, doing)| self.of(*point, *doing) < count).collect()
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<40}", "a fault struck, while a client was")?;
        for doing in Doing::ALL {
            write!(f, "{:>11}", doing.words())?;
        }
        for point in Point::ALL {
            write!(f, "\n{:<40}", point.words())?;
            for doing in Doing::ALL {
                write!(f, "{:>11}", self.of(point, doing))?;
            }
        }
        Ok(())
    }
}
