//! How a server comes to own a world: connect, check, wait for the lock, take the row, and only then load.

use std::sync::Arc;

use holdfast_protocol::EpochTag;
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;
use tracing::{info, warn};

use super::connection::identity::Identity;
use super::connection::{ConnectError, Durability, connect, connect_options, pooler};
use super::continuity::Acknowledged;
use super::flush::FlushStatement;
use super::types::FlushTypes;
use super::{Live, PostgresStore, ownership};
use crate::persistence::durable::TableDefinition;
use crate::persistence::error::Phase;
use crate::persistence::loaded::LoadedWorld;
use crate::persistence::loader::{LoadError, load_world};
use crate::persistence::registry::{RegistryError, check_registry};
use crate::persistence::rights::{self, Part};
use crate::persistence::schema::{SchemaError, verify_schema};
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
            | Self::Load(LoadError::Behind | LoadError::Silent | LoadError::BrokenOff) => true,
            Self::Connect(ConnectError::Database(error))
            | Self::Schema(SchemaError::Database(error))
            | Self::Load(LoadError::Database { source: error, .. })
            | Self::Database { source: error, .. } => is_passing(error),
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
    use StoreErrorClass::{RetryLater, RetryNow, Unknown};
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(_) => {
            matches!(StoreError::from_sqlx(error, Phase::Before).class, RetryNow | RetryLater | Unknown)
        }
        _ => false,
    }
}

/// Takes the world, waiting for as long as another server owns it, and loads it. The store that comes back holds the
/// world's lock on its connection; dropping it lets the next owner in.
///
/// # Errors
/// Where the database cannot be used, does not fit this build, or holds what the world cannot be.
pub async fn open_world(
    settings: &WorldSettings,
    tables: &[TableDefinition],
    seed: OwnershipSeed,
) -> Result<(PostgresStore, LoadedWorld), BootError> {
    fn doing(doing: &'static str) -> impl FnOnce(sqlx::Error) -> BootError {
        move |source| BootError::Database { doing, source }
    }
    check_registry(tables)?;
    let options = connect_options(settings.database.clone(), "holdfast writer");
    let (mut connection, backend) = connect(&options, &settings.durability).await?;
    refuse_shared_backends(&options, &mut connection).await?;
    refuse_lack_of_rights(&mut connection).await?;
    verify_schema(&mut connection, tables).await?;
    let world = ownership::declare(&mut connection, &settings.world, &seed.resume_key)
        .await
        .map_err(doing("find the world"))?;
    let tables: Arc<[TableDefinition]> = tables.into();
    let statement = FlushStatement::new(Arc::clone(&tables));
    let types = FlushTypes::read(&mut connection, &tables).await.map_err(doing("read the flush's types"))?;
    statement.prepare(&mut connection, &types).await.map_err(doing("prepare the flush"))?;

    ownership::wait_for_lock(&mut connection, world).await.map_err(doing("wait for the world"))?;
    let owned = ownership::take(&mut connection, world, &settings.holder, seed.tag)
        .await
        .map_err(doing("take the world"))?;
    info!(%world, epoch = %owned.epoch, tick = %owned.tick, "took the world");
    let identity = Identity::read(&mut connection).await.map_err(doing("ask which PostgreSQL it is"))?;
    let before =
        identity.remember(&mut connection, world).await.map_err(doing("note which PostgreSQL it is"))?;
    if let Some(before) = before.filter(|before| identity.differs_from(before)) {
        warn!(
            %world, now = %identity, %before,
            "another PostgreSQL keeps the world than when it was last taken: if it was restored, or promoted before it had \
             everything, what is missing is lost"
        );
    }
    let resume_key = owned.resume_key.as_slice().try_into().map_err(|_| LoadError::ResumeKey)?;
    let contents = load_world(&mut connection, world, &tables).await?;

    let loaded = LoadedWorld {
        world,
        epoch: owned.epoch,
        tag: seed.tag,
        tick: owned.tick,
        history: contents.history,
        next_id: owned.next_id,
        resume_key,
        is_new: contents.is_new,
        entities: contents.entities,
    };
    let store = PostgresStore {
        options,
        durability: settings.durability.clone(),
        identity,
        tables,
        world,
        acknowledged: Acknowledged { epoch: owned.epoch, tag: seed.tag, tick: owned.tick },
        statement,
        live: Some(Live { connection, types }),
        backends: vec![backend],
    };
    Ok((store, loaded))
}

/// Looks, with a second connection, whether what answers gives each session a backend of its own.
async fn refuse_shared_backends(
    options: &PgConnectOptions,
    connection: &mut PgConnection,
) -> Result<(), ConnectError> {
    match pooler::shares_backends(options, connection).await {
        Ok(false) => Ok(()),
        Ok(true) => Err(ConnectError::Refused(pooler::SENTENCE.to_owned())),
        Err(error) => {
            warn!(%error, "could not look whether a connection pooler stands in between; a second connection was not made");
            Ok(())
        }
    }
}

/// Looks whether all that a world needs was granted, before the first flush finds out.
async fn refuse_lack_of_rights(connection: &mut PgConnection) -> Result<(), ConnectError> {
    let role: String = sqlx::query_scalar("SELECT current_user::text").fetch_one(&mut *connection).await?;
    let found = rights::differences(connection, &role, Part::Writer).await?;
    rights::lack(&role, &found).map_or(Ok(()), |text| Err(ConnectError::Refused(text)))
}
