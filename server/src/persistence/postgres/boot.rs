//! What a server must say to open a world, and what can go wrong with it.

use holdfast_protocol::EpochTag;
use sqlx::postgres::PgConnectOptions;

use super::connection::{ConnectError, Durability};
use super::{Candidate, PostgresStore};
use crate::persistence::durable::TableDefinition;
use crate::persistence::error::Phase;
use crate::persistence::loaded::LoadedWorld;
use crate::persistence::loader::LoadError;
use crate::persistence::registry::RegistryError;
use crate::persistence::schema::SchemaError;
use crate::persistence::store::{StoreError, StoreErrorClass};

/// Which world, and who asks for it.
#[derive(Clone, Debug)]
pub struct WorldSettings {
    /// Where its database is.
    pub database: PgConnectOptions,
    /// Its name; it is made where there is none of that name.
    pub world: String,
    /// Who takes it, for people to read in the world's row: a host and a process number.
    pub holder: String,
    /// Whether PostgreSQL's own word is what makes a commit last.
    pub durability: Durability,
}

/// What the caller draws at random, so that nothing in here does.
#[derive(Clone, Copy, Debug)]
pub struct OwnershipSeed {
    /// The tag of the new ownership.
    pub tag: EpochTag,
    /// The key of resume tokens, should the world be new.
    pub resume_key: [u8; 32],
}

/// Why a world could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// The game's components cannot be flushed.
    #[error("the game's components cannot be kept")]
    Registry(#[from] RegistryError),
    /// There is no connection that could be used.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The database is not what this build needs.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The world is taken, but could not be read.
    #[error("load the world")]
    Load(#[from] LoadError),
    /// A connection was lost whose last request may still be at work; it is looked for again.
    #[error("make sure that a connection which was lost does nothing any more")]
    Store(#[from] StoreError),
    /// The database fell silent.
    #[error("{doing}: PostgreSQL does not answer")]
    Silent {
        /// What was being done.
        doing: &'static str,
    },
    /// The database refused, or broke off.
    #[error("{doing}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What went wrong.
        source: sqlx::Error,
    },
}

impl BootError {
    /// Whether the same process, started again unchanged, may get further: where the database could not be reached, or
    /// will be ready in a moment. What a person has to mend is still there at the next start.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Connect(ConnectError::Timeout)
            | Self::Silent { .. }
            | Self::Load(LoadError::Behind | LoadError::Silent | LoadError::BrokenOff) => true,
            Self::Connect(ConnectError::Database(error))
            | Self::Schema(SchemaError::Database(error))
            | Self::Load(LoadError::Database { source: error, .. })
            | Self::Database { source: error, .. } => is_passing(error),
            Self::Store(error) => is_passing_class(error.class),
            Self::Registry(_)
            | Self::Connect(ConnectError::Refused(_))
            | Self::Schema(
                SchemaError::Differs(_) | SchemaError::Stale | SchemaError::Behind(_) | SchemaError::Missing,
            )
            | Self::Load(LoadError::Kind { .. } | LoadError::ResumeKey) => false,
        }
    }
}

fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(_) => is_passing_class(StoreError::from_sqlx(error, Phase::Before).class),
        _ => false,
    }
}

fn is_passing_class(class: StoreErrorClass) -> bool {
    use StoreErrorClass::{RetryLater, RetryNow, Unknown};
    matches!(class, RetryNow | RetryLater | Unknown)
}

/// Takes the world, waiting for as long as another server owns it, and loads it: a [`Candidate`]'s life from its first
/// connection to its end. The store that comes back holds the world's lock on its connection; dropping it lets the next
/// owner in.
///
/// # Errors
/// Where the database cannot be used, does not fit this build, or holds what the world cannot be.
pub async fn open_world(
    settings: &WorldSettings,
    tables: &[TableDefinition],
    seed: OwnershipSeed,
) -> Result<(PostgresStore, LoadedWorld), BootError> {
    let candidate = Candidate::connect(settings, tables, &seed.resume_key).await?;
    let obtained = candidate.obtain(seed.tag, |_| {}).await?;
    Ok((obtained.store, obtained.loaded))
}
