//! The faults.
//!
//! To add one: a variant here, a kind for it, and what it does in that kind's module.

/// What is done to a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Fault {
    /// Server and PostgreSQL (all of its processes) are killed while a flush is under way, and started again.
    #[value(name = "window")]
    KillBoth,
    /// PostgreSQL alone is killed while a flush is under way, and started again. The server must stay.
    #[value(name = "postgres")]
    KillPostgres,
    /// The server that owns the world is killed while another one stands by, and started again when that one has taken
    /// over.
    KillOwner,
    /// The server that owns the world hangs (SIGSTOP) while another one stands by, and goes on when that one has taken
    /// over.
    StopOwner,
    /// PostgreSQL (all of its processes) hangs, and goes on. The server must stay, and its memory bounded.
    #[value(name = "postgres-sleep")]
    SleepPostgres,
    /// The owner's connection to PostgreSQL is ended by an administrator. The server must stay.
    KillBackend,
}

/// What a fault needs, and what is measured of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It strikes inside a held flush ([`super::window`]).
    Window,
    /// It takes the world from its owner ([`super::takeover`]).
    Takeover,
    /// It takes the store from the owner ([`super::store`]).
    Store,
}

impl Fault {
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::KillBoth | Self::KillPostgres => Kind::Window,
            Self::KillOwner | Self::StopOwner => Kind::Takeover,
            Self::SleepPostgres | Self::KillBackend => Kind::Store,
        }
    }

    /// How many servers must stand by.
    #[must_use]
    pub fn standbys_needed(self) -> usize {
        usize::from(self.kind() == Kind::Takeover)
    }

    /// What it is called on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::KillBoth => "window",
            Self::KillPostgres => "postgres",
            Self::KillOwner => "kill-owner",
            Self::StopOwner => "stop-owner",
            Self::SleepPostgres => "postgres-sleep",
            Self::KillBackend => "kill-backend",
        }
    }
}
