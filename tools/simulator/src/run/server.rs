//! A server's process, from its start to its end.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use holdfast::hub::{HubEffect, HubEvent};
use holdfast::persistence::writer::StopReason;
use holdfast::poison::{Failure, Judgement, PoisonGuard};
use holdfast_front::{FrontEffect, FrontEvent, JoinOutcome, Moment};
use rand::RngExt as _;

use super::{Event, Simulation, TICK};
use crate::host::{HostEvent, State};
use crate::point::Point;

/// How often the hub is told that time has passed.
const CLOCK_EVERY: Duration = Duration::from_millis(25);

/// How long a process that drains waits at least.
const DRAIN_FOR: Duration = Duration::from_millis(200);

/// And at most.
const DRAIN_WAIT: Duration = Duration::from_secs(10);

/// How long a supervisor waits before it starts a process that has ended by itself.
const RESTART_AFTER: Duration = Duration::from_millis(150);

impl Simulation<'_> {
    /// Has a server's process start after a while.
    pub(super) fn start(&mut self, host: usize, after: Duration) {
        self.life_count += 1;
        self.hosts[host].life = self.life_count;
        self.put_host(host, after, HostEvent::Start);
    }

    pub(super) fn put_host(&mut self, host: usize, after: Duration, event: HostEvent) {
        self.agenda.put(after, Event::Host(host, self.hosts[host].life, event));
    }

    /// Something happens to a process: at once, or, where it is stopped, when it goes on.
    pub(super) fn host_event(&mut self, host: usize, life: u64, event: HostEvent) {
        let server = &mut self.hosts[host];
        if server.life != life {
            return;
        }
        if server.is_frozen {
            server.kept_back.push_back((life, event));
            return;
        }
        match event {
            HostEvent::Start => self.started(host),
            HostEvent::Poll => self.poll(host),
            HostEvent::Retake => self.retake(host),
            HostEvent::Loaded { term } => self.loaded(host, term),
            HostEvent::Tick { term } => self.tick(host, term),
            HostEvent::Clock { term } => self.clock(host, term),
            HostEvent::Reply { request, reply } => self.replied(host, request, reply),
            HostEvent::Reconnect { request } => self.reconnect(host, request),
            HostEvent::Read { request, since } => self.read_character(host, request, since),
            HostEvent::Answer(input) => {
                if let Some(process) = self.hosts[host].process_mut() {
                    process.answer_load(input);
                }
            }
            HostEvent::Heard(link) => self.heard(host, link),
            HostEvent::LinkLost(link) => self.server_loses(host, link),
            HostEvent::Drained(link) => self.drained(host, link),
            HostEvent::Drain => self.drain(host),
            HostEvent::MayEnd { since } => self.may_end(host, since),
        }
    }

    fn started(&mut self, host: usize) {
        self.note("a server starts", host as u64, self.hosts[host].life);
        let server = &mut self.hosts[host];
        server.state = State::Standby;
        server.guard = PoisonGuard::new();
        (server.free_since, server.was_told_off, server.drains) = (None, false, false);
        self.poll(host);
    }

    fn tick(&mut self, host: usize, term: u64) {
        let server = &mut self.hosts[host];
        if server.term != term {
            return;
        }
        let life = server.life;
        let Some(process) = server.process_mut() else { return };
        self.agenda.put(TICK, Event::Host(host, life, HostEvent::Tick { term }));
        if !process.may_tick() {
            return;
        }
        let ran = catch_unwind(AssertUnwindSafe(|| process.tick()));
        let (loads, ticked) = match ran {
            Ok(ran) => ran,
            Err(panic) => {
                let failure = process.machine().failure(panic_message(&*panic).to_owned());
                return self.world_failed(host, failure);
            }
        };
        let (tick, since) = (process.machine().now(), process.hub().mark());
        self.figures.ticks += 1;
        let attaches = matches!(&ticked, HubEvent::Ticked(changes, _)
            if changes.joins.iter().any(|join| matches!(join, JoinOutcome::Attached(_))));
        self.note("tick", host as u64, tick.0);
        for request in loads {
            let after = self.between(1_000, 12_000);
            self.put_host(host, after, HostEvent::Read { request, since });
        }
        self.step_hub(host, ticked);
        if attaches {
            self.pass(Point::DuringAttach, host);
        }
    }

    fn clock(&mut self, host: usize, term: u64) {
        if self.hosts[host].term != term {
            return;
        }
        self.step_hub(host, HubEvent::Clock);
        let now = self.now();
        let server = &self.hosts[host];
        if let Some(process) = server.process().filter(|_| server.term == term) {
            let (soonest, latest) = (now + Duration::from_millis(1), now + CLOCK_EVERY);
            let at = process.hub().wakes_at().map_or(latest, |at| at.clamp(soonest, latest));
            self.agenda.put_at(at, Event::Host(host, server.life, HostEvent::Clock { term }));
        }
    }

    /// Steps the hub, and carries out what comes of it.
    pub(super) fn step_hub(&mut self, host: usize, event: HubEvent) {
        let now = self.now();
        let mut effects = Vec::new();
        let Some(process) = self.hosts[host].process_mut() else { return };
        let durable = process.hub().durable();
        process.step(now, event, &mut effects);
        if process.hub().durable() > durable {
            let is_send = |effect: &&HubEffect| matches!(effect, HubEffect::Front(FrontEffect::Send(..)));
            let send_count = effects.iter().filter(is_send).count();
            self.hosts[host].half_open_in = (send_count >= 2).then(|| self.rng.random_range(1..send_count));
        }
        self.hosts[host].outbox.extend(effects);
        self.carry_out(host);
    }

    /// Carries out what the hub has asked for, one thing after the other. A process that dies or is stopped midway
    /// carries out no more.
    pub(super) fn carry_out(&mut self, host: usize) {
        let life = self.hosts[host].life;
        loop {
            let server = &mut self.hosts[host];
            if server.life != life || server.is_frozen {
                return;
            }
            match server.outbox.pop_front() {
                Some(HubEffect::Store(request)) => self.ask_store(host, request),
                Some(HubEffect::Stop(reason)) => return self.stopped(host, reason),
                Some(HubEffect::Front(FrontEffect::Send(conn, bytes, _))) => {
                    let half = server.half_open_in;
                    server.half_open_in = half.and_then(|count| count.checked_sub(1));
                    if half == Some(0) {
                        self.pass(Point::GateHalfOpen, host);
                    }
                    self.send(host, conn, bytes, false);
                }
                Some(HubEffect::Front(FrontEffect::Notice(conn, bytes))) => {
                    self.send(host, conn, bytes, true);
                }
                Some(HubEffect::Front(FrontEffect::Close(conn, error))) => {
                    self.close(host, conn, Some(error));
                }
                Some(HubEffect::Front(FrontEffect::Hangup(conn))) => self.close(host, conn, None),
                // The process keeps these to itself, and nobody reads what is measured.
                Some(
                    HubEffect::Front(FrontEffect::World(_) | FrontEffect::Measured(_))
                    | HubEffect::Measured(_),
                ) => {}
                None => return,
            }
        }
    }

    /// The writer will do nothing any more.
    fn stopped(&mut self, host: usize, reason: StopReason) {
        self.trace.note_words(self.agenda.now(), "the writer stops", || reason.to_string());
        match reason {
            StopReason::Refused { error, actions } => {
                self.world_failed(host, Failure::Refused { error, actions });
            }
            StopReason::Fenced(_) => {
                if !self.has_rival(host) {
                    return self.fail("an owner takes itself for fenced, and there is no other".to_owned());
                }
                self.end(host);
            }
            StopReason::Halted(_) => {
                if !self.hosts[host].was_told_off {
                    return self.fail("a world halts, and nothing is wrong with its store".to_owned());
                }
                self.end(host);
            }
        }
    }

    /// Whether somebody else has taken the world, or is about to, or the database has said no.
    fn has_rival(&self, host: usize) -> bool {
        let server = &self.hosts[host];
        let State::Owning { epoch, .. } = server.state else { return true };
        self.database.model.mark().epoch > epoch || server.was_told_off
    }

    /// The world in memory cannot go on: it is loaded anew, or halts.
    fn world_failed(&mut self, host: usize, failure: Failure) {
        let now = self.now();
        self.trace.note_words(now, "a world fails", || failure.to_string());
        match self.hosts[host].guard.judge(now, failure) {
            Judgement::Reload => self.reload(host),
            Judgement::Halt(reason) => {
                self.trace.note_words(now, "a world halts", || reason.to_string());
                self.end(host);
            }
        }
    }

    /// The process is told to stop.
    fn drain(&mut self, host: usize) {
        self.note("a server drains", host as u64, 0);
        self.hosts[host].drains = true;
        if self.hosts[host].process().is_none() {
            return self.end(host);
        }
        let since = self.now();
        self.put_host(host, DRAIN_FOR, HostEvent::MayEnd { since });
        self.step_hub(host, HubEvent::Front(FrontEvent::Drain));
    }

    fn may_end(&mut self, host: usize, since: Moment) {
        let is_settled = self.hosts[host].process().is_none_or(|process| process.hub().is_settled());
        if is_settled || self.now().since(since) > DRAIN_WAIT {
            return self.end(host);
        }
        self.put_host(host, CLOCK_EVERY, HostEvent::MayEnd { since });
    }

    /// The process ends by itself, and is started again after a while.
    fn end(&mut self, host: usize) {
        self.note("a server ends", host as u64, 0);
        self.bury(host, false);
        self.start(host, RESTART_AFTER);
    }

    /// The process dies where it stands, and is started again after a while.
    pub(super) fn crash(&mut self, host: usize, down: Duration, silent: bool) {
        self.note("a server dies", host as u64, u64::from(silent));
        self.figures.crashes += 1;
        self.bury(host, silent);
        self.start(host, down);
    }

    /// Everything that the process had in memory is gone; its connections end.
    fn bury(&mut self, host: usize, silent: bool) {
        for link in self.links_of(host) {
            self.sever(link, silent);
        }
        let server = &mut self.hosts[host];
        server.state = State::Down;
        (server.is_frozen, server.request, server.half_open_in) = (false, None, None);
        server.kept_back.clear();
        server.outbox.clear();
        server.usurps = None;
        self.give_up_backends(host);
    }

    /// The process is stopped, and goes on after a while.
    pub(super) fn freeze(&mut self, host: usize, duration: Duration) {
        let server = &mut self.hosts[host];
        if server.is_frozen || !server.is_up() {
            return;
        }
        server.is_frozen = true;
        let life = server.life;
        self.note("a server is stopped", host as u64, 0);
        self.agenda.put(duration, Event::Thaw(host, life));
    }

    pub(super) fn thaw(&mut self, host: usize, life: u64) {
        let server = &mut self.hosts[host];
        if server.life != life || !server.is_frozen {
            return;
        }
        server.is_frozen = false;
        self.note("a server goes on", host as u64, 0);
        self.carry_out(host);
        let kept_back = std::mem::take(&mut self.hosts[host].kept_back);
        for (life, event) in kept_back {
            self.host_event(host, life, event);
        }
    }
}

/// What a panic said.
pub(super) fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("something without words")
}
