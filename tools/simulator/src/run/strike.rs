//! Faults strike: at their moment, or when something comes by their point.

use std::time::Duration;

use holdfast_client::Stage as CoreStage;

use super::{Event, Simulation};
use crate::fault::{Fault, Harm, Side, Usurping};
use crate::host::{HostEvent, State};
use crate::player::PlayerEvent;
use crate::point::{Doing, Point};

impl Simulation<'_> {
    /// A fault's moment has come.
    pub(super) fn fault_is_due(&mut self, number: usize) {
        if self.is_calm {
            return;
        }
        let Some(fault) = self.plan.faults.get(number).copied() else { return };
        if fault.at.is_some() {
            self.armed.push(fault);
            return;
        }
        let host = self.owner();
        self.strike(fault, host);
    }

    /// Whether a fault waits for that point.
    pub(super) fn is_waited_for(&self, point: Point) -> bool {
        self.armed.iter().any(|fault| fault.at == Some(point))
    }

    /// A server comes by a point: whatever waits for it strikes.
    pub(super) fn pass(&mut self, point: Point, host: usize) {
        while let Some(place) = self.armed.iter().position(|fault| fault.at == Some(point)) {
            let fault = self.armed.remove(place);
            self.note("a point is struck", point as u64, host as u64);
            for player in 0..self.players.len() {
                let doing = self.doing(player);
                self.reach.count(point, doing);
            }
            self.strike(fault, host);
        }
    }

    /// What a client is doing.
    fn doing(&self, number: usize) -> Doing {
        let player = &self.players[number];
        let Some(link) = player.link.map(|link| &self.links[link]) else { return Doing::Apart };
        match player.core.stage() {
            CoreStage::Apart => Doing::Apart,
            _ if !link.server_open && !link.end_is_coming => Doing::HalfOpen,
            CoreStage::Greeting if player.core.keep().has_session() => Doing::Returning,
            CoreStage::Greeting => Doing::Joining,
            CoreStage::Playing if player.is_deaf => Doing::Deaf,
            CoreStage::Playing if player.core.unanswered_count() > 0 => Doing::Waiting,
            CoreStage::Playing => Doing::Idle,
        }
    }

    /// The server that owns the world, or is about to, or any.
    pub(super) fn owner(&self) -> usize {
        let mark = self.database.model.mark().epoch;
        let owns =
            |host: &&crate::host::Host| matches!(host.state, State::Owning { epoch, .. } if epoch == mark);
        let is_coming =
            |host: &&crate::host::Host| matches!(host.state, State::Loading { .. } | State::Reloading);
        let place =
            |wanted: &dyn Fn(&&crate::host::Host) -> bool| self.hosts.iter().position(|host| wanted(&host));
        place(&owns).or_else(|| place(&is_coming)).unwrap_or(0)
    }

    fn strike(&mut self, fault: Fault, host: usize) {
        self.figures.faults += 1;
        self.trace
            .note_words(self.agenda.now(), "a fault strikes", || format!("{:?} at host {host}", fault.harm));
        let ms = |ms: u32| Duration::from_millis(u64::from(ms));
        let now = self.now();
        let client = fault.client().map(usize::from);
        if client.is_some_and(|client| client >= self.players.len()) {
            return;
        }
        let client = client.unwrap_or(0);
        match fault.harm {
            Harm::Crash { down_ms, silent } => {
                if self.hosts[host].is_up() {
                    self.crash(host, ms(down_ms), silent);
                }
            }
            Harm::Freeze { ms: duration } => self.freeze(host, ms(duration)),
            Harm::Drain => {
                if self.hosts[host].is_up() && !self.hosts[host].is_frozen && !self.hosts[host].drains {
                    self.put_host(host, Duration::ZERO, HostEvent::Drain);
                }
            }
            Harm::Refuse { error, times } => {
                self.database.refusals.extend(std::iter::repeat_n(error, times.into()));
            }
            Harm::Doubt { truth } => self.database.doubts.push_back(truth),
            Harm::SlowFlush { ms: duration } => self.database.delays.push_back(ms(duration)),
            Harm::Stall { ms: duration } => {
                self.database.stalled_until = self.database.stalled_until.max(now + ms(duration));
            }
            Harm::StoreCrash { down_ms } => self.store_crashes(ms(down_ms)),
            Harm::Usurp { way } => self.usurp(host, way),
            Harm::Cut { noticed_by, .. } => self.cut(client, noticed_by),
            Harm::Deafen { ms: duration, .. } => {
                let player = &mut self.players[client];
                player.is_deaf = true;
                player.hears_at = player.hears_at.max(now + ms(duration));
                self.agenda.put(ms(duration), Event::Player(client, PlayerEvent::Hear));
            }
            Harm::Lag { ms: more, .. } => self.players[client].lag = ms(more),
            Harm::Reopen { .. } => self.reopen(client, true),
            Harm::Forget { .. } => self.reopen(client, false),
            Harm::Leave { ms: away, .. } => self.leaves(client, ms(away)),
            Harm::Blunder { way, .. } => self.players[client].blunder = Some(way),
            Harm::Load { how, times } => {
                self.database.loadings.extend(std::iter::repeat_n(how, times.into()));
            }
        }
    }

    /// Whoever waits for an answer finds its connection lost.
    fn store_crashes(&mut self, down: Duration) {
        let until = self.now() + down;
        self.database.crash(until);
        self.tell_ended_backends();
    }

    fn usurp(&mut self, owner: usize, way: Usurping) {
        let other = self.hosts.len() - 1 - owner;
        if !self.hosts[other].is_up() {
            self.start(other, Duration::ZERO);
        }
        if matches!(self.hosts[other].state, State::Down | State::Standby) {
            self.hosts[other].usurps = Some(way);
        }
    }

    fn cut(&mut self, client: usize, noticed_by: Side) {
        let Some(link) = self.players[client].link else { return };
        match noticed_by {
            Side::Both => self.loses(client, None),
            Side::Client => {
                // What it has sent arrives; that it is gone, nobody tells.
                self.links[link].is_abandoned = true;
                self.loses(client, None);
            }
            Side::Server => {
                let (host, life) = (self.links[link].host, self.links[link].life);
                self.links[link].server_open = false;
                self.agenda.put(Duration::ZERO, Event::Host(host, life, HostEvent::LinkLost(link)));
            }
        }
    }
}
