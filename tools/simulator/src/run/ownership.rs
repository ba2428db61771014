//! How a server comes to own the world: it waits until the world is free, takes it, loads it, and, where what it has in
//! memory is of no use any more, takes it anew.

use std::time::Duration;

use holdfast_front::Moment;
use holdfast_protocol::{Code, EpochTag, ErrorBody};
use rand::RngExt as _;

use super::Simulation;
use crate::fault::Usurping;
use crate::game::Blunderers;
use crate::host::{HostEvent, State};
use crate::point::Point;
use crate::process::Process;

/// How often a standby looks whether the world is free.
const POLL_EVERY: Duration = Duration::from_millis(100);

/// For how long it must have found it free.
const FREE_FOR: Duration = Duration::from_millis(300);

impl Simulation<'_> {
    /// Whether the world is free, or can be taken from its owner.
    pub(super) fn poll(&mut self, host: usize) {
        if !matches!(self.hosts[host].state, State::Standby) {
            return;
        }
        if !(self.may_take(host) && self.take(host)) {
            self.put_host(host, POLL_EVERY, HostEvent::Poll);
        }
    }

    fn may_take(&mut self, host: usize) -> bool {
        let now = self.now();
        match self.hosts[host].usurps.take() {
            Some(Usurping::LockLost) => {
                self.database.end_holder();
                self.tell_ended_backends();
                true
            }
            Some(Usurping::Ignored) => true,
            None if now < self.database.answers_at() => false,
            None if self.database.lock_is_free() => {
                let since = *self.hosts[host].free_since.get_or_insert(now);
                // The first server of a run has nobody to be careful of.
                now.since(since) >= FREE_FOR || self.figures.ownerships == 0
            }
            None => {
                self.hosts[host].free_since = None;
                if self.database.end_expired_holder(now) {
                    self.tell_ended_backends();
                }
                false
            }
        }
    }

    /// Takes the world, if the database can be reached.
    fn take(&mut self, host: usize) -> bool {
        let now = self.now();
        let Some(backend) = self.database.connect(now) else { return false };
        self.database.seize_lock(backend);
        let tag = EpochTag(self.rng.random());
        let loaded = self.database.take_world(now, tag);
        self.figures.ownerships += 1;
        self.note("a server takes the world", host as u64, loaded.epoch.0);
        // The moment before it was asked for.
        let taken = Moment(now.0.saturating_sub(self.between(200, 3_000)));
        let server = &mut self.hosts[host];
        (server.backend, server.request) = (Some(backend), None);
        server.term += 1;
        let (term, life) = (server.term, server.life);
        server.state = State::Loading { loaded: Box::new(loaded), taken };
        self.pass(Point::DuringLoad, host);
        if self.hosts[host].life == life {
            let after = self.between(2_000, 40_000);
            self.put_host(host, after, HostEvent::Loaded { term });
        }
        true
    }

    /// In a reload. The connection that held the lock is as good as any, where nothing is in doubt about it.
    pub(super) fn retake(&mut self, host: usize) {
        if !matches!(self.hosts[host].state, State::Reloading) {
            return;
        }
        if self.now() < self.database.answers_at() {
            return self.put_host(host, POLL_EVERY, HostEvent::Retake);
        }
        let held = self.hosts[host].backend.take().filter(|backend| self.database.is_alive(*backend));
        if let Some(backend) = held {
            self.database.end(backend);
            if self.database.lock_is_free() && self.take(host) {
                return;
            }
        }
        let server = &mut self.hosts[host];
        server.state = State::Standby;
        server.free_since = None;
        self.poll(host);
    }

    pub(super) fn loaded(&mut self, host: usize, term: u64) {
        if self.hosts[host].term != term {
            return;
        }
        let now = self.now();
        let settings = self.settings(host);
        let server = &mut self.hosts[host];
        let State::Loading { loaded, taken } = std::mem::replace(&mut server.state, State::Standby) else {
            return;
        };
        let watchlist = server.guard.watchlist();
        match Process::boot::<Blunderers>(&loaded, &settings, watchlist, taken, now) {
            Ok(process) => {
                server.state = State::Owning { process: Box::new(process), epoch: loaded.epoch };
                self.note("a world is loaded", host as u64, loaded.entities.len() as u64);
                self.put_host(host, Duration::ZERO, HostEvent::Clock { term });
                self.put_host(host, Duration::from_millis(1), HostEvent::Tick { term });
            }
            Err(error) => self.fail(format!("a world cannot be loaded: {error}")),
        }
    }

    pub(super) fn reload(&mut self, host: usize) {
        self.figures.reloads += 1;
        let life = self.hosts[host].life;
        for link in self.links_of(host) {
            self.close_link(link, Some(ErrorBody::new(Code::WORLD_RELOADED, 0, 0)));
        }
        let server = &mut self.hosts[host];
        server.state = State::Reloading;
        server.outbox.clear();
        server.half_open_in = None;
        server.term += 1;
        if server.request.take().is_some() {
            // Nobody knows what becomes of the flush that is under way; its connection is of no use any more.
            self.give_up_backends(host);
        }
        self.pass(Point::DuringReload, host);
        if self.hosts[host].life == life {
            let after = self.between(500, 5_000);
            self.put_host(host, after, HostEvent::Retake);
        }
    }
}
