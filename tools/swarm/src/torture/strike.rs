//! One strike: the smallest thing that is counted, a row of the report.

use holdfast_devstack::link::Harm;
use holdfast_devstack::proxy::{CommitCut, Window};

/// What is done to the world once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strike {
    /// The owner is killed, and started again at once.
    KillServer,
    /// The owner is killed, and started again when another one has taken over.
    KillOwner,
    /// The owner dies at a point of its code.
    Failpoint(Point),
    /// Owner and PostgreSQL are killed while a flush is held there.
    Window(Window),
    /// PostgreSQL is killed.
    KillPostgres,
    /// PostgreSQL ends at once.
    QuitPostgres,
    /// The process of PostgreSQL that the owner writes over is killed.
    CrashBackend,
    /// The connection is cut with a flush in it. A late reply is at most so late.
    CutCommit(CommitCut),
    /// The owner hangs.
    StopOwner,
    /// PostgreSQL hangs.
    PostgresSleep,
    /// PostgreSQL answers late.
    SlowPostgres,
    /// Two servers start at the same instant.
    Race,
    /// The owner does not reach PostgreSQL.
    Partition,
    /// The owner's connection is ended.
    KillBackend,
    /// A flush is cancelled.
    CancelBackend,
    /// Somebody holds the world's row.
    LockWorld,
    /// Somebody holds rows of characters.
    LockRows,
    /// A flush is refused for good.
    Poison,
    /// A tick panics.
    Panic,
    /// Connections of players suffer this.
    CutSockets(Harm),
}

/// A point of the server's code at which it can be told to die.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Point {
    /// A flush is about to be sent.
    BeforeFlush,
    /// It has been sent.
    FlushSent,
    /// It is committed, and its reply has not been read.
    CommitUnread,
    /// The reply has been read, and the gate has not been opened.
    ReplyBeforeGate,
    /// Some sockets have been written to, of those that are to hear of a tick.
    GateHalfOpen,
    /// The world is half loaded.
    Load,
    /// A character is being attached.
    Attach,
    /// A character is attached, and its client has not been welcomed.
    AttachedUnwelcomed,
    /// The world is loaded anew in the same process, after a tick that panicked.
    Reload,
}

impl Point {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::BeforeFlush,
        Self::FlushSent,
        Self::CommitUnread,
        Self::ReplyBeforeGate,
        Self::GateHalfOpen,
        Self::Load,
        Self::Attach,
        Self::AttachedUnwelcomed,
        Self::Reload,
    ];

    /// What the server calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BeforeFlush => "BeforeFlush",
            Self::FlushSent => "FlushSent",
            Self::CommitUnread => "CommitUnread",
            Self::ReplyBeforeGate => "ReplyBeforeGate",
            Self::GateHalfOpen => "GateHalfOpen",
            Self::Load => "Load",
            Self::Attach => "Attach",
            Self::AttachedUnwelcomed => "AttachedUnwelcomed",
            Self::Reload => "Reload",
        }
    }
}

impl Strike {
    /// What it is called in the report.
    #[must_use]
    pub fn label(self) -> String {
        let part = |whole: &str, part: &str| format!("{whole} {part}");
        match self {
            Self::KillServer => "kill-server".to_owned(),
            Self::KillOwner => "kill-owner".to_owned(),
            Self::Failpoint(point) => part("failpoint", point.name()),
            Self::Window(Window::BeforeForward) => part("window", "before a flush is forwarded"),
            Self::Window(Window::BeforeReply) => part("window", "before its reply"),
            Self::KillPostgres => "kill-postgres".to_owned(),
            Self::QuitPostgres => "quit-postgres".to_owned(),
            Self::CrashBackend => "crash-backend".to_owned(),
            Self::CutCommit(cut) => part(
                "cut-commit",
                match cut {
                    CommitCut::DropRequest => "request dropped",
                    CommitCut::DropReply => "reply dropped",
                    CommitCut::Reset => "reset",
                    CommitCut::HalfClose => "half-closed",
                    CommitCut::LateReply(_) => "reply late",
                },
            ),
            Self::StopOwner => "stop-owner".to_owned(),
            Self::PostgresSleep => "postgres-sleep".to_owned(),
            Self::SlowPostgres => "slow-postgres".to_owned(),
            Self::Race => "race".to_owned(),
            Self::Partition => "partition".to_owned(),
            Self::KillBackend => "kill-backend".to_owned(),
            Self::CancelBackend => "cancel-backend".to_owned(),
            Self::LockWorld => part("locks", "on the world's row"),
            Self::LockRows => part("locks", "on characters' rows"),
            Self::Poison => "poison".to_owned(),
            Self::Panic => "panic".to_owned(),
            Self::CutSockets(harm) => part(
                "cut-sockets",
                match harm {
                    Harm::Close => "closed",
                    Harm::Reset => "reset",
                    Harm::HalfOpen => "half-open",
                    Harm::Dribble(_) => "dribbling",
                    Harm::Stall(_) => "stalled",
                },
            ),
        }
    }

    /// Whether the server dies of it, by our hand or its own.
    #[must_use]
    pub fn kills_server(self) -> bool {
        matches!(self, Self::KillServer | Self::KillOwner | Self::Failpoint(_) | Self::Window(_) | Self::Race)
    }

    /// Whether the owner goes on believing that it owns the world while another one takes over.
    #[must_use]
    pub fn leaves_an_owner_behind(self) -> bool {
        matches!(self, Self::StopOwner | Self::Partition)
    }

    /// Whether it needs a server that dies or panics where it is told to.
    #[must_use]
    pub fn needs_failpoint(self) -> bool {
        matches!(self, Self::Failpoint(_) | Self::Panic)
    }

    /// Whether another server must stand by.
    #[must_use]
    pub fn needs_standby(self) -> bool {
        self.leaves_an_owner_behind() || matches!(self, Self::KillOwner | Self::Race)
    }

    /// Whether something must stand between the servers and PostgreSQL.
    #[must_use]
    pub fn needs_proxy(self) -> bool {
        matches!(self, Self::Window(_) | Self::CutCommit(_) | Self::SlowPostgres | Self::Partition)
    }

    /// Whether something must stand between players and servers.
    #[must_use]
    pub fn needs_links(self) -> bool {
        matches!(self, Self::CutSockets(_) | Self::Failpoint(Point::Attach | Point::AttachedUnwelcomed))
    }

    /// How often the world is loaded anew because of it in a process that stays, at most.
    #[must_use]
    pub fn reloads(self) -> usize {
        match self {
            Self::Poison => 2,
            Self::Panic | Self::Failpoint(Point::Reload) => 1,
            _ => 0,
        }
    }
}
