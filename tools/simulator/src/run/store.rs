//! What passes between a server and the database: the writer's requests, statement by statement, and the loads of
//! characters.
//!
//! A statement is carried out a while after it was sent, and its answer read a while after that. Whatever makes it fail
//! was put into the database's queues by a fault.

use std::sync::Arc;
use std::time::Duration;

use holdfast::persistence::durable::Durable as _;
use holdfast::persistence::loaded::CharacterLoad;
use holdfast::persistence::rows::Batch;
use holdfast::persistence::store::{StoreError, StoreErrorClass, StoreReply, StoreRequest, WorldMark};
use holdfast::{LoadRequest, WorldInput};
use holdfast_protocol::EntityId;
use ledger::component::Seat;
use rand::RngExt as _;

use super::{Event, Simulation};
use crate::database::{Backend, Statement};
use crate::fault::{Loading, Refusing, Truth};
use crate::host::HostEvent;
use crate::model_store::ModelStore;
use crate::point::Point;

/// Whether an entity belongs to the ledger's first group, in which everybody plays here.
pub(super) fn is_of_first_group(model: &ModelStore, id: EntityId) -> bool {
    let table = model.definitions().iter().position(|table| table.table == Seat::TABLE);
    let row = table.and_then(|table| model.tables().components.get(table)?.get(&id));
    row.and_then(|row| Seat::from_row(&row.row).ok()).is_none_or(|seat| seat.group == 0)
}

/// How long a server waits for an answer before it gives its connection up.
const REPLY_TIMEOUT: Duration = Duration::from_secs(10);

/// After how many flushes the tables are looked at, on average.
const SAMPLED_OF: u32 = 32;

/// Within which time a backend that is doing nothing finds its client gone, in microseconds.
const NOTICED_WITHIN_US: u64 = 250_000;

/// A point within a statement.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// The fence has let it through.
    Fenced,
    /// Half of it is written.
    Halfway,
    /// It is committed.
    Committed,
}

impl Simulation<'_> {
    /// Carries a request to the database.
    pub(super) fn ask_store(&mut self, host: usize, request: StoreRequest) {
        self.request_count += 1;
        let number = self.request_count;
        self.hosts[host].request = Some(number);
        self.hosts[host].is_flushing = matches!(request, StoreRequest::Flush(_));
        match request {
            StoreRequest::Flush(batch) => {
                self.note("a flush is sent", host as u64, batch.to.0);
                let life = self.hosts[host].life;
                self.pass(Point::BeforeFlush, host);
                if self.hosts[host].life == life && self.hosts[host].request == Some(number) {
                    self.flush(host, number, batch);
                }
            }
            StoreRequest::Reconnect => {
                let after = self.between(1_000, 10_000);
                self.put_host(host, after, HostEvent::Reconnect { request: number });
            }
        }
    }

    fn flush(&mut self, host: usize, request: u64, batch: Arc<Batch>) {
        let (there, back) = (self.between(800, 8_000), self.between(200, 3_000));
        let backend = self.hosts[host].backend.filter(|backend| self.database.is_alive(*backend));
        let Some(backend) = backend else {
            return self.lose_reply(host, request, back);
        };
        if let Some(refusing) = self.database.refusals.pop_front() {
            let error = refusal(refusing);
            self.hosts[host].was_told_off |= matches!(refusing, Refusing::Fenced | Refusing::Halt);
            let reply = StoreReply::FlushFailed(error);
            return self.put_host(host, there + back, HostEvent::Reply { request, reply });
        }
        let waits = self.database.answers_at().since(self.now());
        let there = there + waits + self.database.delays.pop_front().unwrap_or_default();
        let life = self.hosts[host].life;
        let mut answer = Some((host, life, request));
        let mut carried_out_after = Some(there);
        match self.database.doubts.pop_front() {
            None => {}
            Some(Truth::Committed) => {
                answer = None;
                self.lose_reply(host, request, there + back);
            }
            Some(Truth::Lost) => {
                (answer, carried_out_after) = (None, None);
                self.lose_reply(host, request, there + back);
            }
            Some(Truth::Running) => {
                answer = None;
                carried_out_after = Some(there + self.between(10_000, 80_000));
                self.lose_reply(host, request, back);
            }
            Some(Truth::Silent) => {
                answer = None;
                self.lose_reply(host, request, REPLY_TIMEOUT);
            }
        }
        if answer.is_some() {
            // Should the backend end before it answers.
            self.lose_reply(host, request, REPLY_TIMEOUT);
        }
        if let Some(after) = carried_out_after {
            let statement = Statement { backend, batch, answer, then: None };
            // S9 breaks the promise that an action and the note that it is done are one.
            #[cfg(feature = "sabotage")]
            let statement = statement.in_two();
            self.begin_statement(statement, after);
        }
    }

    /// The statement is carried out after a while; where a fault waits for a point within it, it is passed by.
    fn begin_statement(&mut self, statement: Statement, after: Duration) {
        let steps = [(Point::AfterFence, Step::Fenced, 3), (Point::MidBatch, Step::Halfway, 2)];
        let waited_for = steps.map(|(point, ..)| self.is_waited_for(point));
        let number = self.database.begin(statement);
        for ((_, step, quarters), is_waited_for) in steps.into_iter().zip(waited_for) {
            if is_waited_for {
                // What a flush does takes the last quarter of its time.
                self.agenda.put(after - after / 16 * quarters, Event::Commit(number, step));
            }
        }
        self.agenda.put(after, Event::Commit(number, Step::Committed));
    }

    /// A statement has come to a point.
    pub(super) fn statement_step(&mut self, number: u64, step: Step) {
        let Some(statement) = self.database.statements.get(&number) else { return };
        let owner = statement.answer.map(|(host, ..)| host).or_else(|| self.owner_of(statement.backend));
        let wakes_at = self.database.answers_at();
        if self.now() < wakes_at {
            return self.agenda.put_at(wakes_at, Event::Commit(number, step));
        }
        let point = match step {
            Step::Fenced => Point::AfterFence,
            Step::Halfway => Point::MidBatch,
            Step::Committed => return self.commit(number),
        };
        if let Some(host) = owner {
            self.pass(point, host);
        }
    }

    fn commit(&mut self, number: u64) {
        let now = self.now();
        let Some(Statement { backend, batch, answer, then }) = self.database.statements.remove(&number)
        else {
            return;
        };
        let outcome = self.database.apply(now, &batch);
        if self.rng.random_ratio(1, SAMPLED_OF) {
            self.take_sample();
        }
        if let Some(batch) = then.filter(|_| outcome.is_ok()) {
            let after = self.between(500, 5_000);
            return self.begin_statement(Statement { backend, batch, answer, then: None }, after);
        }
        self.note("a flush is carried out", batch.to.0, u64::from(outcome.is_ok()));
        if !self.database.is_alive(backend) {
            return;
        }
        let Some((host, life, request)) = answer else { return };
        let reply = match outcome {
            Ok(()) => StoreReply::Flushed,
            Err(error) => StoreReply::FlushFailed(error),
        };
        if reply == StoreReply::Flushed && self.hosts[host].life == life {
            self.pass(Point::AfterCommit, host);
        }
        let back = self.between(200, 3_000);
        self.agenda.put(back, Event::Host(host, life, HostEvent::Reply { request, reply }));
    }

    /// After a while the server gives up waiting: nobody knows what has become of its request.
    pub(super) fn lose_reply(&mut self, host: usize, request: u64, after: Duration) {
        let error = StoreError::new(StoreErrorClass::Unknown, "", "the connection is lost");
        self.put_host(host, after, HostEvent::Reply { request, reply: StoreReply::FlushFailed(error) });
    }

    /// A backend has ended: its server mostly finds out at once, and sometimes waits until it gives up.
    pub(super) fn tell_ended_backends(&mut self) {
        for host in 0..self.hosts.len() {
            let server = &self.hosts[host];
            let is_gone = server.backend.is_none_or(|backend| !self.database.is_alive(backend));
            if let Some(request) = server.flush().filter(|_| is_gone)
                && (self.is_calm || self.rng.random_bool(0.8))
            {
                let after = self.between(200, 3_000);
                self.lose_reply(host, request, after);
            }
        }
    }

    /// A reply has come. What answers nothing that is waited for is never read.
    pub(super) fn replied(&mut self, host: usize, request: u64, reply: StoreReply) {
        let server = &mut self.hosts[host];
        if server.request != Some(request) || server.process().is_none() {
            return;
        }
        server.request = None;
        let life = server.life;
        match &reply {
            StoreReply::Flushed => self.pass(Point::BeforeGate, host),
            StoreReply::FlushFailed(error) if error.class == StoreErrorClass::Unknown => {
                server.older_backends.extend(server.backend.take());
            }
            _ => {}
        }
        self.note("the store answers", host as u64, request);
        let server = &mut self.hosts[host];
        if server.life != life {
            return;
        }
        if server.is_frozen {
            // It was stopped with the answer in its hands.
            server.request = Some(request);
            server.kept_back.push_front((life, HostEvent::Reply { request, reply }));
            return;
        }
        self.step_hub(host, holdfast::hub::HubEvent::Store(reply));
    }

    /// A new connection stands: the old ones are ended, the lock is taken, and the world's row read.
    pub(super) fn reconnect(&mut self, host: usize, request: u64) {
        if self.hosts[host].request != Some(request) {
            return;
        }
        let now = self.now();
        let wakes_at = self.database.answers_at();
        let is_down = now < self.database.down_until;
        if !is_down && now < wakes_at {
            let life = self.hosts[host].life;
            return self.agenda.put_at(wakes_at, Event::Host(host, life, HostEvent::Reconnect { request }));
        }
        let back = self.between(200, 3_000);
        let reply = match self.database.connect(now) {
            None => StoreReply::ReconnectFailed(StoreError::new(
                StoreErrorClass::RetryLater,
                "57P03",
                "it starts",
            )),
            Some(backend) => {
                for older in std::mem::take(&mut self.hosts[host].older_backends) {
                    self.database.end(older);
                }
                if self.database.try_lock(backend) {
                    self.hosts[host].backend = Some(backend);
                    StoreReply::Reconnected(self.database.model.mark())
                } else {
                    self.database.end(backend);
                    self.hosts[host].was_told_off = true;
                    let held = "another server holds the world's advisory lock";
                    StoreReply::ReconnectFailed(StoreError::new(StoreErrorClass::Fenced, "", held))
                }
            }
        };
        self.put_host(host, back, HostEvent::Reply { request, reply });
    }

    /// A load of a character reaches the database.
    pub(super) fn read_character(&mut self, host: usize, request: LoadRequest, since: WorldMark) {
        let now = self.now();
        let wakes_at = self.database.answers_at();
        let is_down = now < self.database.down_until;
        if !is_down && now < wakes_at {
            let life = self.hosts[host].life;
            return self.agenda.put_at(wakes_at, Event::Host(host, life, HostEvent::Read { request, since }));
        }
        let LoadRequest { character, account, number: asked } = request;
        let mut after = self.between(500, 6_000);
        let mark = self.database.model.mark();
        let is_behind = mark.epoch == since.epoch && mark.tick < since.tick;
        let mut load = if is_down || is_behind {
            CharacterLoad::Failed
        } else {
            self.database.model.load_character(character, &account)
        };
        match self.database.loadings.pop_front() {
            None => {}
            // A loader finds out that what it has read is behind, and says that it could not say.
            Some(Loading::Fails | Loading::Stale) => load = CharacterLoad::Failed,
            Some(Loading::Late { ms }) => after += Duration::from_millis(u64::from(ms)),
        }
        self.note("a character is read", host as u64, character.0);
        self.put_host(host, after, HostEvent::Answer(WorldInput::Loaded { character, asked, load }));
    }

    /// Nobody listens to these connections any more. What they have begun may still be carried out, and their backends
    /// find out by themselves that they can end.
    pub(super) fn give_up_backends(&mut self, host: usize) {
        let server = &mut self.hosts[host];
        let mut backends = std::mem::take(&mut server.older_backends);
        backends.extend(server.backend.take());
        for backend in backends {
            let busy = self.database.statements.values_mut().find(|statement| statement.backend == backend);
            let is_busy = busy.is_some();
            if let Some(statement) = busy {
                statement.answer = None;
            }
            // Half of what was sent last arrives.
            let after = if is_busy && self.flips() {
                self.between(10_000, NOTICED_WITHIN_US)
            } else {
                Duration::ZERO
            };
            self.agenda.put(after, Event::BackendEnds(backend));
        }
    }

    fn owner_of(&self, backend: Backend) -> Option<usize> {
        self.hosts
            .iter()
            .position(|host| host.backend == Some(backend) || host.older_backends.contains(&backend))
    }

    fn flips(&mut self) -> bool {
        self.between(0, 1) > Duration::ZERO
    }
}

fn refusal(refusing: Refusing) -> StoreError {
    let (class, sqlstate) = match refusing {
        Refusing::RetryNow => (StoreErrorClass::RetryNow, "40P01"),
        Refusing::RetryLater => (StoreErrorClass::RetryLater, "53100"),
        Refusing::Fenced => (StoreErrorClass::Fenced, "25006"),
        Refusing::Halt => (StoreErrorClass::Halt, "XX001"),
    };
    StoreError::new(class, sqlstate, "simulated")
}
