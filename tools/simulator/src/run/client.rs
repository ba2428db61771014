//! A client, as the task of a real one drives it: it connects, reads, acts, sends, and comes back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use holdfast::Game as _;
use holdfast::persistence::characters::Created;
use holdfast_checker::recorder::record;
use holdfast_client::backoff::Retry;
use holdfast_client::{Addresses, Backoff, ClientCore, ClientEvent, LostCause};
use holdfast_front::{Account, Moment};
use holdfast_protocol::{BuildId, EntityId, ErrorBody};
use ledger_reading::READING;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::{Event, HOSTS, Simulation};
use crate::game::Blunderers;
use crate::host::HostEvent;
use crate::model_store::ModelStore;
use crate::network::Link;
use crate::plan::CLIENTS_MAX;
use crate::player::{Player, PlayerEvent};

/// How often a client looks what there is to do.
const WAKE_EVERY: Duration = Duration::from_millis(40);

/// The names of the characters.
const NAMES: [&str; CLIENTS_MAX as usize] = ["Ada", "Bob", "Cyd", "Dee", "Eve", "Fay", "Gil", "Hal"];

/// What players have configured: whatever stands before the servers, and leads to the one that is ready.
const BALANCER: &str = "ws://world/ws";

/// Where a server is reached.
pub(super) fn address(host: usize) -> String {
    format!("ws://host{host}/ws")
}

fn account(number: usize) -> Account {
    Account { issuer: Arc::from("https://id.example"), subject: Arc::from(NAMES[number]) }
}

/// Everybody's character.
pub(super) fn make_characters(model: &mut ModelStore) {
    for (number, name) in NAMES.into_iter().enumerate() {
        let created = model.create_character(&account(number), name, Blunderers::ARCHETYPES[0]);
        assert_eq!(created, Created::Done(character(number)), "characters have the odd numbers in a row");
    }
}

fn character(number: usize) -> EntityId {
    EntityId(number as u64 * 2 + 1)
}

/// A player that has not connected yet.
pub(super) fn player(number: u8, seed: u64, build: BuildId) -> Player {
    let number = usize::from(number);
    let character = character(number);
    Player {
        account: account(number),
        character,
        core: ClientCore::new(build, character),
        addresses: Addresses::new(BALANCER),
        backoff: Backoff::default(),
        rng: StdRng::seed_from_u64(seed ^ (character.0 << 48)),
        link: None,
        retry_at: Moment::default(),
        is_deaf: false,
        hears_at: Moment::default(),
        lag: Duration::ZERO,
        acts_at: Moment::default(),
        entry_count: 0,
        blunder: None,
        blunders: Vec::new(),
        reads: BTreeMap::new(),
        fresh: None,
        is_done: false,
        is_away: false,
    }
}

impl Simulation<'_> {
    pub(super) fn player_event(&mut self, player: usize, event: PlayerEvent) {
        match event {
            PlayerEvent::Wake => {
                self.agenda.put(WAKE_EVERY, Event::Player(player, PlayerEvent::Wake));
                self.wake(player);
            }
            PlayerEvent::Arrived(link) => self.arrived(player, link),
            PlayerEvent::LinkLost(link) => self.client_finds_end(player, link),
            PlayerEvent::Hear => self.hear_again(player),
        }
    }

    fn wake(&mut self, number: usize) {
        let now = self.now();
        let player = &mut self.players[number];
        if let Some(event) = player.core.clock(now.0) {
            self.told(number, vec![event]);
        }
        let player = &self.players[number];
        if player.link.is_none() {
            if player.retry_at <= now {
                self.connect(number);
            }
            return;
        }
        self.act(number);
        self.send_all(number);
    }

    fn connect(&mut self, number: usize) {
        let now = self.now();
        let player = &mut self.players[number];
        player.is_away = false;
        self.history.greeted(player.character, player.core.resumes());
        let chosen = player.addresses.choose(now.0);
        let named = (0..HOSTS).find(|host| address(*host) == chosen);
        let hello = player.core.hello(now.0, String::new());
        let host = named.unwrap_or_else(|| self.owner());
        let life = self.hosts[host].life;
        let link = self.links.len();
        self.note("a client connects", number as u64, host as u64);
        self.links.push(Link::new(number, host, life));
        self.players[number].link = Some(link);
        if self.hosts[host].is_up() {
            self.put_up(link, hello);
        } else {
            // Nobody listens there.
            self.sever(link, false);
        }
    }

    pub(super) fn send_all(&mut self, number: usize) {
        let now = self.now();
        loop {
            let player = &mut self.players[number];
            let Some(link) = player.link else { return };
            let Some(bytes) = player.core.next_send(now.0) else { return };
            self.put_up(link, bytes);
        }
    }

    fn put_up(&mut self, number: usize, bytes: Vec<u8>) {
        let latency = self.latency(self.links[number].client);
        let link = &mut self.links[number];
        let at = (self.agenda.now() + latency).max(link.up_until);
        link.up_until = at;
        link.up.push_back(bytes);
        self.agenda.put_at(at, Event::Host(link.host, link.life, HostEvent::Heard(number)));
    }

    /// How long a message takes, one way.
    pub(super) fn latency(&mut self, client: usize) -> Duration {
        let lag = self.players.get(client).map_or(Duration::ZERO, |player| player.lag);
        lag + self.between(500, 12_000)
    }

    fn arrived(&mut self, number: usize, link: usize) {
        let player = &self.players[number];
        if player.link == Some(link) && !player.is_deaf {
            self.read(number, link);
        }
    }

    pub(super) fn hear_again(&mut self, number: usize) {
        let now = self.now();
        let player = &mut self.players[number];
        if now < player.hears_at {
            return;
        }
        player.is_deaf = false;
        while let Some(link) = self.players[number].link
            && self.links[link].down.front().is_some_and(|parcel| parcel.arrives <= now)
        {
            self.read(number, link);
        }
        // The end of a connection is found behind what had come before it.
        if let Some(link) = self.players[number].link
            && self.links[link].down.is_empty()
            && self.links[link].end_is_coming
            && self.links[link].down_until <= now
        {
            self.loses(number, None);
        }
    }

    fn read(&mut self, number: usize, link: usize) {
        let now = self.now();
        let Some(parcel) = self.links[link].down.pop_front() else { return };
        if self.links[link].stuck.is_some() {
            let latency = self.latency(number);
            let Link { host, life, .. } = self.links[link];
            self.agenda.put(latency, Event::Host(host, life, HostEvent::Drained(link)));
        }
        if self.players[number].is_away {
            // Who has left reads no more.
            return;
        }
        let told = self.players[number].core.receive(now.0, &parcel.bytes);
        if let Some(expected) = parcel.expected
            && told.iter().any(|event| matches!(event, ClientEvent::Updated(_)))
        {
            self.compare(number, &expected);
        }
        self.told(number, told);
        self.send_all(number);
    }

    /// Word has come that the connection is over.
    fn client_finds_end(&mut self, number: usize, link: usize) {
        let player = &self.players[number];
        if player.link == Some(link) && !player.is_deaf {
            self.loses(number, None);
        }
    }

    /// The client's end of its connection is gone, and the server is told, unless it is never to know.
    pub(super) fn drop_link(&mut self, number: usize) {
        let Some(link) = self.players[number].link.take() else { return };
        self.links[link].client_open = false;
        self.links[link].down.clear();
        if !self.links[link].is_abandoned {
            self.tell_server(link);
        }
        let told = self.players[number].core.disconnected();
        self.told(number, told);
    }

    /// A connection was lost, or could not be had: the client comes back when it is time.
    pub(super) fn loses(&mut self, number: usize, error: Option<&ErrorBody>) {
        if self.players[number].link.is_none() {
            return;
        }
        self.note(
            "a client loses its connection",
            number as u64,
            error.map_or(0, |error| error.code.0.into()),
        );
        self.drop_link(number);
        let now = self.now();
        let player = &mut self.players[number];
        if player.is_away {
            return;
        }
        let turn = player.addresses.lost(now.0, error);
        match player.backoff.lost(now.0, error, turn, &mut player.rng) {
            Retry::At(at) => player.retry_at = Moment(at),
            Retry::Terminal => {
                let code = error.map(|error| error.code.to_string()).unwrap_or_default();
                self.fail(format!("client {number} was refused for good: {code}"));
            }
            Retry::LimitReached => {
                player.backoff = Backoff::default();
                player.retry_at = now;
            }
        }
    }

    /// The client hears of these, one after the other.
    pub(super) fn told(&mut self, number: usize, events: Vec<ClientEvent>) {
        self.history.set_now(self.agenda.now().0);
        for event in events {
            let player = &mut self.players[number];
            record(&mut self.history, player.character, READING, &event, player.core.copy());
            match event {
                ClientEvent::Welcomed(_) => {
                    player.backoff.welcomed();
                    let addresses = player.core.addresses().to_vec();
                    player.addresses.welcomed(&addresses);
                }
                ClientEvent::Verdict(verdict) => self.answered(number, verdict),
                ClientEvent::Closed(error) => return self.loses(number, Some(&error)),
                ClientEvent::Lost(LostCause::Silent) => return self.loses(number, None),
                ClientEvent::Lost(cause) => {
                    return self.fail(format!("client {number} cannot follow its server: {cause}"));
                }
                ClientEvent::Diverged(divergence) => {
                    return self.fail(format!("client {number} holds what is not so: {divergence:?}"));
                }
                ClientEvent::GaveUp(gone) => {
                    return self.fail(format!(
                        "client {number} gave up its action {}: {}",
                        gone.action.seq, gone.code
                    ));
                }
                ClientEvent::Greeted { .. }
                | ClientEvent::Updated(_)
                | ClientEvent::Reply(_)
                | ClientEvent::Refused(_)
                | ClientEvent::Paused(_)
                | ClientEvent::IdleWarning(_)
                | ClientEvent::Ended(_) => {}
            }
        }
    }
}
