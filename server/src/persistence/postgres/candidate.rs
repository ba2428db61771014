//! A server that does not own its world (yet, or any more): it waits until it may, takes the world's row, and only then
//! loads.
//!
//! There is one way to own a world, for a first start, a standby that takes over, and an owner that begins anew after a
//! failure. They differ in what they find: see [`super::vigil`]. Whatever breaks on the way is tried again, later and
//! later, and for ever; what only a person can mend ends it.

use std::future::Future;
use std::time::Duration;

use holdfast_front::Moment;
use holdfast_protocol::{Epoch, EpochTag, Tick, WorldId};
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use super::boot::{BootError, WorldSettings};
use super::connection::connect_options;
use super::connection::identity::Identity;
use super::fitness::{note_identity, refuse_lack_of_rights, refuse_shared_backends};
use super::flush::FlushStatement;
use super::reconnect::end_older_backends;
use super::types::FlushTypes;
use super::vigil::{Next, Vigil};
use super::{Live, PostgresStore, ownership};
use crate::clock;
use crate::persistence::durable::TableDefinition;
use crate::persistence::loaded::LoadedWorld;
use crate::persistence::loader::{LoadError, load_world};
use crate::persistence::registry::check_registry;
use crate::persistence::schema::verify_schema;

/// How long an answer to anything but a load may take. Who gives up makes a new connection, and ends the old one.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(7);

/// How long a load may take: a little more than PostgreSQL gives its slowest statement.
const LOAD_TIMEOUT: Duration = Duration::from_secs(65);

/// The shortest and the longest wait before something is tried again.
const RETRY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// A server that wants to own a world.
#[derive(Debug)]
pub struct Candidate {
    /// The store that it will write with. Its ownership is that which this server held last, or none.
    store: PostgresStore,
    holder: String,
    vigil: Vigil,
    /// Whether this server owned the world until just now.
    is_former_owner: bool,
    /// Whether it has waited since it found that the database fits: a `migrate` may have come meanwhile.
    has_waited: bool,
}

/// What a candidate waits for, for its server to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Another server owns the world.
    ForOwner,
    /// The database is away.
    ForDatabase,
    /// The world is this server's, and is being loaded.
    ForLoad,
}

/// A world that was taken and loaded.
#[derive(Debug)]
pub struct Obtained {
    /// The store, which holds the world's lock on its connection. Dropping it lets the next owner in.
    pub store: PostgresStore,
    /// The world, as it was committed.
    pub loaded: LoadedWorld,
    /// The moment before the ownership was asked for: the owner may trust itself from then on.
    pub asked: Moment,
}

fn doing(doing: &'static str) -> impl FnOnce(sqlx::Error) -> BootError {
    move |source| BootError::Database { doing, source }
}

impl Candidate {
    /// Connects, and finds out whether the database is one that this build can own a world in. `resume_key` signs resume
    /// tokens, should the world be new.
    ///
    /// # Errors
    /// Where there is no connection, the database is not fit, or its tables are not those of this build.
    pub async fn connect(
        settings: &WorldSettings,
        tables: &[TableDefinition],
        resume_key: &[u8; 32],
    ) -> Result<Self, BootError> {
        check_registry(tables)?;
        let mut store = PostgresStore {
            options: connect_options(settings.database.clone(), "holdfast writer"),
            durability: settings.durability.clone(),
            identity: Identity::default(),
            tables: tables.into(),
            world: WorldId(0),
            epoch: Epoch(0),
            tag: EpochTag(0),
            acknowledged: Tick(0),
            statement: FlushStatement::new(tables.into()),
            live: None,
            backends: Vec::new(),
        };
        let mut live = connect(&mut store).await?;
        refuse_shared_backends(&store.options, &mut live.connection).await?;
        let declared = ownership::declare(&mut live.connection, &settings.world, resume_key);
        store.world = answer("find the world", declared).await?;
        store.live = Some(live);
        Ok(Self {
            store,
            holder: settings.holder.clone(),
            vigil: Vigil::default(),
            is_former_owner: false,
            has_waited: false,
        })
    }

    /// An owner that begins anew. Its connection is used again where it is sound.
    #[must_use]
    pub fn again(store: PostgresStore, holder: String) -> Self {
        Self { store, holder, vigil: Vigil::default(), is_former_owner: true, has_waited: false }
    }

    /// The world that is wanted.
    #[must_use]
    pub fn world(&self) -> WorldId {
        self.store.world
    }

    /// Waits until the world may be taken, takes it under `tag`, and loads it. `tell` hears what is waited for, each
    /// time that it is something else.
    ///
    /// # Errors
    /// Where the database does not fit this build (any more), or holds what cannot be a world of it.
    pub async fn obtain(
        mut self,
        tag: EpochTag,
        mut tell: impl FnMut(Waiting),
    ) -> Result<Obtained, BootError> {
        let mut told = None;
        let mut tell = |waiting| {
            if told != Some(waiting) {
                told = Some(waiting);
                tell(waiting);
            }
        };
        let mut retry = RETRY.0;
        loop {
            match self.attempt(tag, &mut tell).await {
                Ok(Attempt::Taken(loaded, asked)) => {
                    return Ok(Obtained { store: self.store, loaded, asked });
                }
                Ok(Attempt::Wait(wait)) => {
                    retry = RETRY.0;
                    sleep(wait).await;
                }
                Err(error) if error.may_pass() => {
                    // Whatever it was doing, its connection is not to be trusted.
                    self.store.live = None;
                    self.vigil.lost_sight();
                    if retry == RETRY.0 {
                        warn!(
                            error = &error as &dyn std::error::Error,
                            "cannot get at the world; trying again"
                        );
                    }
                    tell(Waiting::ForDatabase);
                    sleep(retry).await;
                    retry = (retry * 2).min(RETRY.1);
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn attempt(&mut self, tag: EpochTag, tell: &mut impl FnMut(Waiting)) -> Result<Attempt, BootError> {
        let mut live = match self.store.live.take() {
            Some(live) => live,
            None => connect(&mut self.store).await?,
        };
        let world = self.store.world;
        let begun = clock::now();
        let sight = answer("look at the world", ownership::look(&mut live.connection, world)).await?;
        let mine = self.is_former_owner.then_some((self.store.epoch, self.store.tag));
        let wait = match self.vigil.judge(begun, clock::now(), &sight, mine) {
            Next::Take if self.has_waited => {
                drop(live);
                live = connect(&mut self.store).await?;
                self.has_waited = false;
                Duration::ZERO
            }
            Next::Take => match self.take(&mut live, tag, tell).await? {
                Some((loaded, asked)) => {
                    self.store.live = Some(live);
                    return Ok(Attempt::Taken(loaded, asked));
                }
                // Another one that waited was faster.
                None => {
                    self.vigil.begin_anew();
                    Duration::ZERO
                }
            },
            Next::Wait(wait) => {
                tell(Waiting::ForOwner);
                self.has_waited = true;
                wait
            }
            Next::End(wait) => {
                self.has_waited = true;
                if answer("end an owner that hangs", ownership::end_expired(&mut live.connection, world))
                    .await?
                {
                    warn!(%world, "the owner's lease has run out; ended its connection");
                }
                wait
            }
        };
        self.store.live = Some(live);
        Ok(Attempt::Wait(wait))
    }

    /// Takes the world and loads it; none where the lock is somebody else's.
    async fn take(
        &mut self,
        live: &mut Live,
        tag: EpochTag,
        tell: &mut impl FnMut(Waiting),
    ) -> Result<Option<(LoadedWorld, Moment)>, BootError> {
        let world = self.store.world;
        // Before anything is asked for, so that the owner never trusts itself for longer than the lease.
        let asked = clock::now();
        if !answer("lock the world", ownership::try_lock(&mut live.connection, world)).await? {
            return Ok(None);
        }
        if self.is_former_owner {
            answer_of("look what is committed", self.store.check_continuity(&mut live.connection)).await??;
        }
        tell(Waiting::ForLoad);
        let taken = ownership::take(&mut live.connection, world, &self.holder, tag);
        let owned = answer("take the world", taken).await?;
        info!(%world, epoch = %owned.epoch, tick = %owned.tick, "took the world");
        (self.store.epoch, self.store.tag, self.is_former_owner) = (owned.epoch, tag, true);
        self.store.acknowledged = owned.tick;
        self.store.identity = note_identity(&mut live.connection, world).await?;
        let resume_key = owned.resume_key.as_slice().try_into().map_err(|_| LoadError::ResumeKey)?;
        let contents = timeout(LOAD_TIMEOUT, load_world(&mut live.connection, world, &self.store.tables))
            .await
            .map_err(|_| BootError::Silent { doing: "load the world" })??;
        let loaded = LoadedWorld {
            world,
            epoch: owned.epoch,
            tag,
            tick: owned.tick,
            history: contents.history,
            next_id: owned.next_id,
            resume_key,
            is_new: contents.is_new,
            entities: contents.entities,
        };
        Ok(Some((loaded, asked)))
    }
}

/// What an attempt to take the world comes to.
enum Attempt {
    Taken(LoadedWorld, Moment),
    Wait(Duration),
}

/// A new connection to a database that fits, with nothing of the connections before it still at work.
async fn connect(store: &mut PostgresStore) -> Result<Live, BootError> {
    let mut connection = store.connect_anew().await?;
    end_older_backends(&mut store.backends, &mut connection).await?;
    refuse_lack_of_rights(&mut connection).await?;
    answer_of("compare the tables", verify_schema(&mut connection, &store.tables)).await??;
    let types = answer("read the flush's types", FlushTypes::read(&mut connection, &store.tables)).await?;
    answer("prepare the flush", store.statement.prepare(&mut connection, &types)).await?;
    Ok(Live { connection, types })
}

/// Waits for an answer, and not for ever.
pub(super) async fn answer<T>(
    what: &'static str,
    asked: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, BootError> {
    answer_of(what, asked).await?.map_err(doing(what))
}

async fn answer_of<T>(what: &'static str, asked: impl Future<Output = T>) -> Result<T, BootError> {
    timeout(ANSWER_TIMEOUT, asked).await.map_err(|_| BootError::Silent { doing: what })
}
