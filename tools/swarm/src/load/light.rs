//! A bot among thousands: one task, one socket, and a client whose copy holds nothing but itself.
//!
//! It does to the server what any client does: it resumes, sends again what was not answered, and echoes what it applied.
//! It sets no timer for a frame: one alarm stands at the earliest time at which something may be due, and only moves when
//! it rings or something is due sooner.

mod due;

use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use holdfast_client::{Addresses, Backoff, ClientCore, ClientEvent, Connection, Incoming, Retry, Turn};
use holdfast_protocol::{ErrorBody, Hello};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::player::Player;
use super::schedule::{Pacing, Schedule, Span};
use crate::world::BotAction;

/// How a light bot plays.
pub(super) struct Plan {
    /// What its client's dice begin with: they are not its player's, who would do something else after each lost connection.
    pub(super) client_seed: u64,
    pub(super) rate: f64,
    pub(super) pacing: Pacing,
    /// When its connection is cut, from the beginning of the load on.
    pub(super) cuts: VecDeque<Duration>,
}

/// How a connection ended.
enum End {
    /// It is of no use any more; with the server's last word, where there was one.
    Lost(Option<ErrorBody>),
    /// It was cut, as planned.
    Cut,
}

/// A bot, over any number of connections.
pub(super) struct LightBot {
    core: ClientCore,
    token: String,
    addresses: Addresses,
    backoff: Backoff,
    /// The client's dice.
    rng: StdRng,
    player: Player,
    plan: Plan,
    go: watch::Receiver<Option<Span>>,
    schedule: Option<(Span, Schedule)>,
    /// An action for which there was no room, and when it is tried again.
    held: Option<(BotAction, Instant)>,
    /// When the last one of these was tried again, or the server took a message: what was due before queued behind it, through
    /// no fault of the generator.
    free_at: Option<Instant>,
    begun: Instant,
    has_state: bool,
    /// Since when it is away because of a cut.
    cut: Option<Instant>,
    welcome_count: u64,
}

impl LightBot {
    /// A bot that says this first. It acts from when `go` says that the load begins.
    pub(super) fn new(
        address: &str,
        hello: Hello,
        player: Player,
        plan: Plan,
        go: watch::Receiver<Option<Span>>,
    ) -> Self {
        Self {
            core: ClientCore::light(hello.build, hello.character),
            token: hello.access_token,
            addresses: Addresses::new(address),
            backoff: Backoff::default(),
            rng: StdRng::seed_from_u64(plan.client_seed),
            player,
            plan,
            go,
            schedule: None,
            held: None,
            free_at: None,
            begun: Instant::now(),
            has_state: false,
            cut: None,
            welcome_count: 0,
        }
    }

    /// Plays for as long as it is let. Ends by itself only where the server refuses it for good.
    pub(super) async fn run(mut self) {
        loop {
            let (wait, now) = (self.addresses.open_wait(), self.now());
            let address = self.addresses.choose(now).to_owned();
            let opened = self.meanwhile(Connection::open_within(wait, &address)).await;
            let end = match opened {
                Ok(connection) => self.converse(connection).await,
                Err(_) => End::Lost(None),
            };
            let left = self.core.disconnected();
            self.told(left);
            let retry = match end {
                End::Cut => {
                    let turn = Turn { begins_round: true, not_before: Duration::ZERO };
                    self.backoff.lost(self.now(), None, turn, &mut self.rng)
                }
                End::Lost(error) => {
                    let now = self.now();
                    let turn = self.addresses.lost(now, error.as_ref());
                    self.backoff.lost(now, error.as_ref(), turn, &mut self.rng)
                }
            };
            match retry {
                Retry::At(at) => self.meanwhile(sleep_until(self.begun + at)).await,
                Retry::Terminal | Retry::LimitReached => break,
            }
        }
        // What it can no longer ask for is not forgotten, even where the load is yet to begin.
        if self.schedule.is_none() {
            let _ = self.go.wait_for(Option::is_some).await;
            self.begin();
        }
        while let Some((_, schedule)) = &mut self.schedule
            && let Some(due) = schedule.due()
        {
            self.player.measure.unsent(schedule.pacing, due);
            schedule.done(due);
        }
    }

    fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Goes on acting while it has no connection: what it asks for is sent on the next.
    async fn meanwhile<T>(&mut self, other: impl Future<Output = T>) -> T {
        let mut other = pin!(other);
        loop {
            tokio::select! {
                done = &mut other => return done,
                () = sleep_until(self.act_at().unwrap_or_else(due::nothing)) => self.act(),
                _ = self.go.changed(), if self.schedule.is_none() => self.begin(),
            }
        }
    }

    async fn converse(&mut self, mut connection: Connection) -> End {
        let hello = self.core.hello(self.now(), self.token.clone());
        if !self.send(&mut connection, hello).await {
            return End::Lost(None);
        }
        let mut alarm = pin!(sleep_until(self.wake_at()));
        loop {
            while let Some(message) = self.core.next_send(self.now()) {
                if !self.send(&mut connection, message).await {
                    return End::Lost(None);
                }
            }
            let wake_at = self.wake_at();
            if alarm.is_elapsed() || wake_at < alarm.deadline() {
                alarm.as_mut().reset(wake_at);
            }
            tokio::select! {
                incoming = connection.receive() => {
                    let Ok(Incoming::Binary(bytes)) = incoming else { return End::Lost(None) };
                    self.player.measure.received(bytes.len());
                    let events = self.core.receive(self.now(), &bytes);
                    if let Some(end) = self.told(events) {
                        return end;
                    }
                }
                () = &mut alarm => {
                    let silent = self.core.clock(self.now());
                    if silent.is_some() {
                        return End::Lost(None);
                    }
                    if self.is_cut() {
                        return End::Cut;
                    }
                }
                _ = self.go.changed(), if self.schedule.is_none() => self.begin(),
            }
            self.act();
        }
    }

    /// Whether the message went out. Where the server takes none for a while, what was due meanwhile queues behind this one,
    /// through no fault of the generator.
    async fn send(&mut self, connection: &mut Connection, message: Vec<u8>) -> bool {
        let is_sent = connection.send(message).await.is_ok();
        self.free_at = Some(Instant::now());
        is_sent
    }

    /// Notes down what happened; says so where it ends the connection.
    fn told(&mut self, events: Vec<ClientEvent>) -> Option<End> {
        let mut end = None;
        for event in events {
            match event {
                ClientEvent::Updated(_) => self.updated(),
                ClientEvent::Welcomed(_) => {
                    self.backoff.welcomed();
                    self.addresses.welcomed(self.core.addresses());
                    self.welcome_count += 1;
                    if self.welcome_count > 1 {
                        self.player.measure.notes().figures.reconnects += 1;
                    }
                }
                ClientEvent::Verdict(verdict) => {
                    let character = self.player.character;
                    self.player.measure.notes().answered(character, &verdict, Instant::now());
                    self.player.answered(&verdict);
                }
                ClientEvent::Reply(reply) => self.player.hears(&reply, self.core.copy()),
                ClientEvent::GaveUp(gone) => {
                    self.player.measure.notes().gave_up(self.player.character, gone.action);
                }
                ClientEvent::Diverged(_) => self.player.measure.notes().figures.divergences += 1,
                ClientEvent::Closed(error) => end = Some(End::Lost(Some(error))),
                ClientEvent::Lost(_) => end = Some(End::Lost(None)),
                _ => {}
            }
        }
        end
    }

    fn updated(&mut self) {
        if !std::mem::replace(&mut self.has_state, true) {
            self.player.measure.entered(self.begun);
        }
        if let Some(cut) = self.cut.take() {
            self.player.measure.notes().figures.back.record(cut.elapsed());
        }
    }
}
