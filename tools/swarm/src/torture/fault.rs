//! The faults, as they are called on the command line, with their numbers in the fault matrix.
//!
//! To add one: a variant here, its [`Strike`]s, what each needs (`strike.rs`), and what it does (`faults/`).

use holdfast_devstack::link::Harm;
use holdfast_devstack::proxy::CommitCut;

use super::TortureOptions;
use super::faults::{commit, sockets};
use super::strike::Strike;

/// What is done to a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Fault {
    /// F1: the server that owns the world is killed (SIGKILL) at a random moment, and started again at once.
    KillServer,
    /// F1: the same while another server stands by, and it is started again when that one has taken over.
    KillOwner,
    /// F2: the server dies at a named point of its code, and is started again at once.
    Failpoint,
    /// F2: server and PostgreSQL (all of its processes) are killed while a flush is held, and started again.
    Window,
    /// F3: PostgreSQL (all of its processes) is killed, and started again. The server must stay.
    KillPostgres,
    /// F3: PostgreSQL ends at once (SIGQUIT), and is started again. The server must stay.
    QuitPostgres,
    /// F3: one process of PostgreSQL is killed, the one that the owner writes over; all of it goes down, and is started
    /// again. The server must stay.
    CrashBackend,
    /// F4: the connection is cut with a flush in it, in each of five ways.
    CutCommit,
    /// F5: the server that owns the world hangs (SIGSTOP) while another one stands by, and goes on when that one has
    /// taken over.
    StopOwner,
    /// F6: PostgreSQL (all of its processes) hangs, and goes on. The server must stay, and its memory bounded.
    PostgresSleep,
    /// F6: each answer of PostgreSQL comes late for some seconds.
    SlowPostgres,
    /// F7: the servers of a world are killed, and two start at the same instant. One owns it, the other stands by.
    Race,
    /// F7: nothing passes between the owner and PostgreSQL while another server stands by, until that one has taken
    /// over.
    Partition,
    /// F8: the owner's connection to PostgreSQL is ended by an administrator. The server must stay.
    KillBackend,
    /// F8: a flush is cancelled by an administrator.
    CancelBackend,
    /// F8: somebody else holds locks on the world's row, or on rows of characters.
    Locks,
    /// F9: PostgreSQL refuses for good a flush that carries a chosen character's action. The world is loaded anew, in
    /// the same process.
    Poison,
    /// F9: a tick panics over an action. The world is loaded anew, in the same process.
    Panic,
    /// F12: connections of players are closed, reset, lost, dribble or stall.
    CutSockets,
    /// F23: any of these, by lot of the seed, every two to ten seconds of accepted play. The village has no server with
    /// failpoints, so there `failpoint` and `panic` are left out.
    Mixed,
}

impl Fault {
    /// What a mixture is made of: each fault but those that another one of these is already. Whether a server
    /// that is killed is followed by another one or by itself is decided by who is quicker.
    pub(super) const MIXTURE: &[Self] = &[
        Self::KillServer,
        Self::Failpoint,
        Self::Window,
        Self::KillPostgres,
        Self::QuitPostgres,
        Self::CrashBackend,
        Self::CutCommit,
        Self::StopOwner,
        Self::PostgresSleep,
        Self::SlowPostgres,
        Self::Race,
        Self::Partition,
        Self::KillBackend,
        Self::CancelBackend,
        Self::Locks,
        Self::Poison,
        Self::Panic,
        Self::CutSockets,
    ];

    /// What it consists of, each a row of the report. A mixture has none of its own.
    pub(super) fn strikes(self, options: &TortureOptions) -> Vec<Strike> {
        match self {
            Self::KillServer => vec![Strike::KillServer],
            Self::KillOwner => vec![Strike::KillOwner],
            Self::Failpoint => options.points.iter().copied().map(Strike::Failpoint).collect(),
            Self::Window => options.windows().iter().copied().map(Strike::Window).collect(),
            Self::KillPostgres => vec![Strike::KillPostgres],
            Self::QuitPostgres => vec![Strike::QuitPostgres],
            Self::CrashBackend => vec![Strike::CrashBackend],
            Self::CutCommit => [
                CommitCut::DropRequest,
                CommitCut::DropReply,
                CommitCut::Reset,
                CommitCut::HalfClose,
                CommitCut::LateReply(commit::LATE_MAX),
            ]
            .map(Strike::CutCommit)
            .to_vec(),
            Self::StopOwner => vec![Strike::StopOwner],
            Self::PostgresSleep => vec![Strike::PostgresSleep],
            Self::SlowPostgres => vec![Strike::SlowPostgres],
            Self::Race => vec![Strike::Race],
            Self::Partition => vec![Strike::Partition],
            Self::KillBackend => vec![Strike::KillBackend],
            Self::CancelBackend => vec![Strike::CancelBackend],
            Self::Locks => vec![Strike::LockWorld, Strike::LockRows],
            Self::Poison => vec![Strike::Poison],
            Self::Panic => vec![Strike::Panic],
            Self::CutSockets => [
                Harm::Close,
                Harm::Reset,
                Harm::HalfOpen,
                Harm::Dribble(sockets::DRIBBLE),
                Harm::Stall(sockets::STALL),
            ]
            .map(Strike::CutSockets)
            .to_vec(),
            Self::Mixed => Vec::new(),
        }
    }
}
