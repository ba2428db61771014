//! The simulated PostgreSQL around the model store: its backends, the world's advisory lock, the lease, and whatever is
//! the matter with it at the moment.
//!
//! It knows time, but lets none pass: `run/store` says when a statement is carried out and its answer read.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use holdfast::persistence::loaded::LoadedWorld;
use holdfast::persistence::rows::Batch;
use holdfast::persistence::store::StoreError;
use holdfast_checker::Commit;
use holdfast_front::Moment;
use holdfast_protocol::{Epoch, EpochTag};

use crate::fault::{Loading, Refusing, Truth};
use crate::model_store::ModelStore;

/// How long an owner's lease lasts after a flush or beat.
const LEASE: Duration = Duration::from_secs(5);

/// How much longer it lasts when the world was just taken, so that a load does not outlast it.
const LOAD_LEASE: Duration = Duration::from_secs(60);

/// One end of a connection to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Backend(pub(crate) u64);

/// A flush that a backend is carrying out.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) backend: Backend,
    pub(crate) batch: Arc<Batch>,
    /// Who is to be answered: the server, its process and its request; nobody where the answer is lost.
    pub(crate) answer: Option<(usize, u64, u64)>,
    /// What is carried out after it before it is answered. A flush is one statement, so only a sabotage has that.
    pub(crate) then: Option<Arc<Batch>>,
}

#[cfg(feature = "sabotage")]
impl Statement {
    /// The same in two statements, where S9 is on.
    pub(crate) fn in_two(self) -> Self {
        use holdfast_front::sabotage::{Sabotage::S9, is_on};
        if !is_on(S9) {
            return self;
        }
        let (effects, notes) = self.batch.split();
        Self { batch: Arc::new(effects), then: Some(Arc::new(notes)), ..self }
    }
}

/// The database.
pub(crate) struct Database {
    pub(crate) model: ModelStore,
    /// Every flush that was committed, in order.
    pub(crate) commits: Vec<Commit>,
    backends: BTreeSet<Backend>,
    backend_count: u64,
    pub(crate) statements: BTreeMap<u64, Statement>,
    statement_count: u64,
    lock: Option<Backend>,
    lease_until: Moment,
    /// It does nothing before that.
    pub(crate) stalled_until: Moment,
    /// Nobody can connect before that.
    pub(crate) down_until: Moment,
    pub(crate) refusals: VecDeque<Refusing>,
    pub(crate) doubts: VecDeque<Truth>,
    pub(crate) delays: VecDeque<Duration>,
    pub(crate) loadings: VecDeque<Loading>,
    /// Epochs that began because the lease before them had run out: their predecessors must be silent.
    pub(crate) after_lease: Option<Epoch>,
}

impl Database {
    pub(crate) fn new(model: ModelStore) -> Self {
        Self {
            model,
            commits: Vec::new(),
            backends: BTreeSet::new(),
            backend_count: 0,
            statements: BTreeMap::new(),
            statement_count: 0,
            lock: None,
            lease_until: Moment::default(),
            stalled_until: Moment::default(),
            down_until: Moment::default(),
            refusals: VecDeque::new(),
            doubts: VecDeque::new(),
            delays: VecDeque::new(),
            loadings: VecDeque::new(),
            after_lease: None,
        }
    }

    /// A new connection; none while the database is down.
    pub(crate) fn connect(&mut self, now: Moment) -> Option<Backend> {
        if now < self.down_until {
            return None;
        }
        self.backend_count += 1;
        let backend = Backend(self.backend_count);
        self.backends.insert(backend);
        Some(backend)
    }

    /// Whether the connection is still one.
    pub(crate) fn is_alive(&self, backend: Backend) -> bool {
        self.backends.contains(&backend)
    }

    /// Ends a backend: what it has not committed is lost, and its lock is free.
    pub(crate) fn end(&mut self, backend: Backend) {
        self.backends.remove(&backend);
        self.statements.retain(|_, statement| statement.backend != backend);
        if self.lock == Some(backend) {
            self.lock = None;
        }
    }

    /// Ends all of them, and takes no new ones for a while.
    pub(crate) fn crash(&mut self, until: Moment) {
        self.down_until = self.down_until.max(until);
        for backend in std::mem::take(&mut self.backends) {
            self.end(backend);
        }
    }

    /// A statement begins.
    pub(crate) fn begin(&mut self, statement: Statement) -> u64 {
        self.statement_count += 1;
        self.statements.insert(self.statement_count, statement);
        self.statement_count
    }

    /// Whether a statement will answer this request.
    pub(crate) fn will_answer(&self, request: u64) -> bool {
        self.statements.values().any(|statement| statement.answer.is_some_and(|(.., asked)| asked == request))
    }

    /// The advisory lock, where nobody else has it.
    pub(crate) fn try_lock(&mut self, backend: Backend) -> bool {
        *self.lock.get_or_insert(backend) == backend
    }

    /// Whether nobody has the advisory lock.
    pub(crate) fn lock_is_free(&self) -> bool {
        self.lock.is_none()
    }

    /// Ends the owner whose lease has run out. Whether there was one.
    pub(crate) fn end_expired_holder(&mut self, now: Moment) -> bool {
        let Some(holder) = self.lock.filter(|_| self.lease_until < now) else { return false };
        self.end(holder);
        self.after_lease = Some(Epoch(self.model.mark().epoch.0 + 1));
        true
    }

    /// Ends whoever has the lock, lease or no lease.
    pub(crate) fn end_holder(&mut self) {
        if let Some(holder) = self.lock {
            self.end(holder);
        }
    }

    /// The lock is somebody else's now, and nobody was asked.
    pub(crate) fn seize_lock(&mut self, backend: Backend) {
        self.lock = Some(backend);
    }

    /// Whatever was the matter with it is over.
    pub(crate) fn mend(&mut self, now: Moment) {
        self.stalled_until = self.stalled_until.min(now);
        self.down_until = self.down_until.min(now);
        self.refusals.clear();
        self.doubts.clear();
        self.delays.clear();
        self.loadings.clear();
    }

    /// From when on it answers.
    pub(crate) fn answers_at(&self) -> Moment {
        self.down_until.max(self.stalled_until)
    }

    /// Begins a new ownership.
    pub(crate) fn take_world(&mut self, now: Moment, tag: EpochTag) -> LoadedWorld {
        self.lease_until = now + LOAD_LEASE + LEASE;
        let loaded = self.model.take_world(tag);
        let (epoch, tick) = (loaded.epoch, loaded.tick);
        self.commits.push(Commit { epoch, from: tick, to: tick, changed: false, at: Some(now.0) });
        loaded
    }

    /// Carries a flush out, whole or not at all.
    pub(crate) fn apply(&mut self, now: Moment, batch: &Batch) -> Result<(), StoreError> {
        self.model.apply(batch)?;
        let Batch { epoch, from, to, .. } = *batch;
        self.commits.push(Commit { epoch, from, to, changed: !batch.rows.is_empty(), at: Some(now.0) });
        self.lease_until = now + LEASE;
        Ok(())
    }
}
