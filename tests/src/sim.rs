//! A whole server side and its clients in one thread, stepped by hand: the world machine, the hub, a fake store, and
//! client cores, without socket, database or clock.
//!
//! One [`Sim::tick`] carries what clients have to say to the world and runs it; what it caused waits in the store until
//! [`Sim::commit`]. So a test can look at the moment between the two, in which nobody may know anything.

mod fresh;
mod reload;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use holdfast::http::readiness::ReadinessState;
use holdfast::hub::{HubEffect, HubEvent};
use holdfast::persistence::characters::Created;
use holdfast::persistence::rows::Batch;
use holdfast::persistence::store::{StoreError, StoreRequest};
use holdfast::persistence::writer::StopReason;
use holdfast::poison::{Failure, PoisonGuard, Watchlist};
use holdfast::{App, Game, Interest, WorldInput};
use holdfast_client::{ClientCore, ClientEvent};
use holdfast_front::{Account, Conn, FrontEffect, FrontEvent, HelloRequest, Limits, Moment};
use holdfast_protocol::{
    ActionName, BuildId, ClientMessage, EntityId, EpochTag, Frame, ServerMessage, Tick, decode, encode,
};
use holdfast_simulator::process::{Process, ProcessSettings, build_of};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng};

use crate::fake_store::FakeStore;

/// How long a tick lasts here.
const TICK: Duration = Duration::from_millis(50);

/// How many may play at once here.
const SESSION_CAPACITY: usize = 100;

/// How long a tick lasts while everybody waits ([`Sim::pass`]): far below what the owner's trust in itself lasts.
const LONG_TICK: Duration = Duration::from_secs(1);

/// One of the people in a simulation, for as long as it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Player(usize);

struct Person {
    account: Account,
    character: EntityId,
    core: ClientCore,
    conn: Option<Conn>,
    reads: bool,
    unread: Option<Vec<u8>>,
    events: Vec<ClientEvent>,
}

/// The simulation.
pub struct Sim<G: Game> {
    store: FakeStore,
    process: Process,
    now: Moment,
    people: Vec<Person>,
    by_conn: BTreeMap<Conn, Player>,
    conn_count: u64,
    build: BuildId,
    interest: Arc<dyn Interest>,
    rng: StdRng,
    stopped: Option<StopReason>,
    panicked: Option<Failure>,
    guard: PoisonGuard,
    refuses: Option<fn(&Batch) -> Option<StoreError>>,
    checked_hash_count: usize,
    game: std::marker::PhantomData<G>,
}

impl<G: Game> Sim<G> {
    /// A new world, its first things made and committed, and nobody in it.
    pub fn new(seed: u64) -> Self {
        let mut store = FakeStore::new(&App::of::<G>().tables());
        let mut rng = StdRng::seed_from_u64(seed);
        let now = Moment(Duration::from_secs(1_000));
        let build = build_of::<G>();
        let interest = G::interest();
        let process = boot::<G>(&mut store, build, &mut rng, now, Watchlist::default());
        let mut sim = Self {
            store,
            process,
            now,
            people: Vec::new(),
            by_conn: BTreeMap::new(),
            conn_count: 0,
            build,
            interest,
            rng,
            stopped: None,
            panicked: None,
            guard: PoisonGuard::new(),
            refuses: None,
            checked_hash_count: 0,
            game: std::marker::PhantomData,
        };
        sim.step();
        sim
    }

    /// A person with a new character; not connected yet.
    pub fn person(&mut self, subject: &str, name: &str) -> Player {
        let account = Account { issuer: Arc::from("https://id.example"), subject: Arc::from(subject) };
        let created = self.store.create_character(&account, name, G::ARCHETYPES[0]);
        let Created::Done(character) = created else { panic!("{name}: {created:?}") };
        self.device(account, character)
    }

    /// Another device of the same person, for the same character: it knows nothing of the first.
    pub fn second_device(&mut self, of: Player) -> Player {
        let Person { account, character, .. } = &self.people[of.0];
        self.device(account.clone(), *character)
    }

    fn device(&mut self, account: Account, character: EntityId) -> Player {
        let core = ClientCore::new(self.build, character);
        let (conn, unread, events) = (None, None, Vec::new());
        self.people.push(Person { account, character, core, conn, reads: true, unread, events });
        Player(self.people.len() - 1)
    }

    /// Several people, connected and welcomed.
    pub fn crowd(&mut self, names: &[&str]) -> Vec<Player> {
        let players: Vec<_> =
            names.iter().map(|name| self.person(&format!("subject of {name}"), name)).collect();
        for player in &players {
            self.connect(*player);
        }
        for _ in 0..3 {
            self.step();
        }
        players
    }

    /// Opens a connection and says Hello on it. An earlier one is given up without a word.
    pub fn connect(&mut self, player: Player) {
        self.vanish(player);
        self.conn_count += 1;
        let conn = Conn(self.conn_count);
        let person = &mut self.people[player.0];
        person.conn = Some(conn);
        let hello = person.core.hello(self.now.0, "not looked at here".to_owned());
        let Ok(ClientMessage::Hello(hello)) = decode(&hello) else { panic!("a Hello") };
        let request = HelloRequest {
            account: person.account.clone(),
            character: hello.character,
            resume: hello.resume,
            held: hello.held,
            oldest_unanswered: hello.oldest_unanswered,
            heard: self.now,
        };
        self.by_conn.insert(conn, player);
        self.hub_step(HubEvent::Front(FrontEvent::Hello(conn, request)));
    }

    /// Loses the connection, with all that was on its way to the client.
    pub fn disconnect(&mut self, player: Player) {
        let Some(conn) = self.people[player.0].conn else { return };
        self.vanish(player);
        self.hub_step(HubEvent::Front(FrontEvent::Lost(conn)));
    }

    /// The client gives its connection up, and the server hears nothing of that.
    pub fn vanish(&mut self, player: Player) {
        let Some(conn) = self.people[player.0].conn else { return };
        self.by_conn.remove(&conn);
        self.apart(player);
    }

    /// Has the client say that it goes for good; with the next tick it is told, and hangs up.
    pub fn leave(&mut self, player: Player) {
        self.people[player.0].core.leave();
    }

    /// From now on the client reads nothing (its kernel holds one message back), or reads on.
    pub fn set_reading(&mut self, player: Player, reads: bool) {
        self.people[player.0].reads = reads;
        if reads && let Some(bytes) = self.people[player.0].unread.take() {
            self.read(player, &bytes);
        }
    }

    /// Has the client ask for an action; it is sent with the next tick, and again until it is answered.
    pub fn act(&mut self, player: Player, action: &G::Verbs) -> ActionName {
        let person = &mut self.people[player.0];
        person.core.act(encode(action), &mut self.rng).expect("there is room for another action")
    }

    /// Sends a message as it is on the player's connection, as a client without manners would.
    pub fn say(&mut self, player: Player, message: ClientMessage) {
        let conn = self.people[player.0].conn.expect("connected");
        self.hub_step(HubEvent::Front(FrontEvent::Said(conn, message, self.now)));
    }

    /// Carries to the world what clients have to say, and runs one tick, whose flush then waits in the store. False
    /// where the world stands still because it is as far ahead as it may be, or has failed.
    pub fn tick(&mut self) -> bool {
        self.tick_after(TICK)
    }

    fn tick_after(&mut self, lasted: Duration) -> bool {
        self.now = self.now + lasted;
        self.send_all();
        self.hub_step(HubEvent::Clock);
        if self.has_failed() || !self.process.may_tick() {
            return false;
        }
        let Ok((loads, ticked)) = catch_unwind(AssertUnwindSafe(|| self.process.tick())) else {
            self.panicked = Some(self.process.failure("a tick panicked".to_owned()));
            return false;
        };
        for request in loads {
            let load = self.store.load_character(request.character, &request.account);
            let (character, asked) = (request.character, request.number);
            self.process.answer_load(WorldInput::Loaded { character, asked, load });
        }
        self.hub_step(ticked);
        true
    }

    /// Has the store carry out all that waits, and delivers what comes of it.
    pub fn commit(&mut self) {
        loop {
            let refused = match (self.store.waiting(), self.refuses) {
                (Some(StoreRequest::Flush(batch)), Some(refuses)) => refuses(batch),
                _ => None,
            };
            let reply = match refused {
                Some(error) => self.store.fail_before(error),
                None => self.store.mark_durable(),
            };
            let Some(reply) = reply else { break };
            self.hub_step(HubEvent::Store(reply));
        }
    }

    /// From now on the store says no to such batches, for good: a constraint of the game's tables, which the model store
    /// does not know.
    pub fn refuse(&mut self, refuses: fn(&Batch) -> Option<StoreError>) {
        self.refuses = Some(refuses);
    }

    /// Has the store carry out what waits and then lose the reply; or lose it before it was carried out.
    pub fn break_store(&mut self, error: StoreError, after_apply: bool) {
        let reply = if after_apply { self.store.fail_after(error) } else { self.store.fail_before(error) };
        if let Some(reply) = reply {
            self.hub_step(HubEvent::Store(reply));
        }
    }

    /// A tick and its commit.
    pub fn step(&mut self) {
        self.tick();
        self.commit();
    }

    /// Lets time pass, with long ticks and a commit after each.
    pub fn pass(&mut self, duration: Duration) {
        let end = self.now + duration;
        while self.now < end {
            self.tick_after(LONG_TICK);
            self.commit();
        }
    }

    /// Runs until nobody waits for an answer.
    ///
    /// # Panics
    /// Where that takes more than a thousand ticks.
    pub fn settle(&mut self) {
        for _ in 0..1_000 {
            if self.people.iter().all(|person| person.core.unanswered_count() == 0) {
                return;
            }
            self.step();
        }
        panic!("somebody is never answered");
    }

    /// The process dies here, with all that it had in memory, and another takes the world. Everybody's connection is
    /// lost.
    pub fn restart(&mut self) {
        let players: Vec<_> = self.by_conn.values().copied().collect();
        for player in players {
            self.apart(player);
        }
        self.by_conn.clear();
        self.now = self.now + TICK;
        // What the old process had learnt of failures is lost with it.
        self.guard = PoisonGuard::new();
        (self.stopped, self.panicked) = (None, None);
        self.process = boot::<G>(&mut self.store, self.build, &mut self.rng, self.now, Watchlist::default());
    }

    /// What the client was told since this was asked last.
    pub fn heard(&mut self, player: Player) -> Vec<ClientEvent> {
        std::mem::take(&mut self.people[player.0].events)
    }

    /// The client.
    #[must_use]
    pub fn client(&self, player: Player) -> &ClientCore {
        &self.people[player.0].core
    }

    /// The character that the player plays.
    #[must_use]
    pub fn character(&self, player: Player) -> EntityId {
        self.people[player.0].character
    }

    /// Whether the player has a connection.
    #[must_use]
    pub fn is_connected(&self, player: Player) -> bool {
        self.people[player.0].conn.is_some()
    }

    /// The world behind the gate: what the test may know and nobody else.
    #[must_use]
    pub fn world(&self) -> holdfast::Look<'_> {
        self.process.machine().look()
    }

    /// The game's rule of who sees what.
    #[must_use]
    pub fn interest(&self) -> &dyn Interest {
        &*self.interest
    }

    /// The newest durable tick.
    #[must_use]
    pub fn durable(&self) -> Tick {
        self.process.hub().durable()
    }

    /// Whether everything that the world has run is durable.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.process.machine().now() == self.process.hub().durable()
    }

    /// What a server would say of itself to whoever sends players.
    #[must_use]
    pub fn readiness(&self) -> ReadinessState {
        let front = self.process.hub().front();
        ReadinessState::of_owner(front.stalled_for(self.now), front.has_room())
    }

    /// The last tick that the world has run, durable or not.
    #[must_use]
    pub fn world_tick(&self) -> Tick {
        self.process.machine().now()
    }

    /// The moment that everything was told last.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.now
    }

    /// How many hashes of chunks clients have compared with copies that deltas had made.
    #[must_use]
    pub fn checked_hash_count(&self) -> usize {
        self.checked_hash_count
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &FakeStore {
        &self.store
    }

    /// Why the hub came down, where it did.
    #[must_use]
    pub fn stopped(&self) -> Option<&StopReason> {
        self.stopped.as_ref()
    }

    /// A generator that is part of the run.
    pub fn rng(&mut self) -> &mut StdRng {
        &mut self.rng
    }

    fn send_all(&mut self) {
        for index in 0..self.people.len() {
            let player = Player(index);
            if let Some(event) = self.people[index].core.clock(self.now.0) {
                self.tell(player, [event]);
            }
            loop {
                let person = &mut self.people[index];
                let Some(conn) = person.conn else { break };
                let Some(bytes) = person.core.next_send(self.now.0) else { break };
                let message = decode(&bytes).expect("a client's own message");
                self.hub_step(HubEvent::Front(FrontEvent::Said(conn, message, self.now)));
            }
        }
    }

    fn hub_step(&mut self, event: HubEvent) {
        let mut effects = Vec::new();
        self.process.step(self.now, event, &mut effects);
        for effect in effects {
            match effect {
                HubEffect::Store(request) => self.store.request(request),
                HubEffect::Stop(reason) => self.stopped = Some(reason),
                HubEffect::Front(FrontEffect::World(_)) => unreachable!("the process keeps these"),
                HubEffect::Front(FrontEffect::Hangup(conn)) => self.drop_conn(conn),
                HubEffect::Front(FrontEffect::Close(conn, error)) => {
                    if let Some(player) = self.by_conn.get(&conn) {
                        let person = &mut self.people[player.0];
                        let last = encode(&ServerMessage::Error(error));
                        person.events.extend(person.core.receive(self.now.0, &last));
                    }
                    self.drop_conn(conn);
                }
                HubEffect::Front(FrontEffect::Send(conn, bytes, _)) => {
                    // As a socket does: nothing is written by an owner that does not trust itself.
                    assert!(
                        self.process.trusts_itself(self.now),
                        "somebody spoke for the world without trust"
                    );
                    self.deliver(conn, &bytes);
                }
                HubEffect::Front(FrontEffect::Notice(conn, bytes)) => self.deliver(conn, &bytes),
                HubEffect::Front(FrontEffect::Measured(_)) | HubEffect::Measured(_) => {}
            }
        }
    }

    fn deliver(&mut self, conn: Conn, bytes: &[u8]) {
        let Some(player) = self.by_conn.get(&conn).copied() else { return };
        if self.people[player.0].reads {
            self.read(player, bytes);
        } else {
            self.people[player.0].unread = Some(bytes.to_vec());
        }
    }

    fn drop_conn(&mut self, conn: Conn) {
        if let Some(player) = self.by_conn.remove(&conn)
            && self.people[player.0].conn == Some(conn)
        {
            self.apart(player);
        }
    }

    /// The client has no connection any more; what was on its way is lost with it.
    fn apart(&mut self, player: Player) {
        let person = &mut self.people[player.0];
        person.conn = None;
        person.unread = None;
        let told = person.core.disconnected();
        person.events.extend(told);
    }

    fn read(&mut self, player: Player, bytes: &[u8]) {
        if let Ok(ServerMessage::Frame(Frame { from: Some(_), hashes, .. })) = decode(bytes) {
            self.checked_hash_count += hashes.len();
        }
        let person = &mut self.people[player.0];
        let told = person.core.receive(self.now.0, bytes);
        let conn = person.conn;
        self.tell(player, told);
        if let Some(conn) = conn {
            self.hub_step(HubEvent::Front(FrontEvent::Written(conn)));
        }
    }

    /// The client hears of this, and hangs up where it must.
    fn tell(&mut self, player: Player, told: impl IntoIterator<Item = ClientEvent>) {
        let events = &mut self.people[player.0].events;
        let heard = events.len();
        events.extend(told);
        if events[heard..].iter().any(|event| matches!(event, ClientEvent::Lost(_) | ClientEvent::Closed(_)))
        {
            self.disconnect(player);
        }
    }
}

fn boot<G: Game>(
    store: &mut FakeStore,
    build: BuildId,
    rng: &mut StdRng,
    now: Moment,
    watchlist: Watchlist,
) -> Process {
    let loaded = store.take_world(EpochTag(rng.random()));
    let settings = ProcessSettings {
        build,
        session_capacity: SESSION_CAPACITY,
        tick: TICK,
        addresses: Arc::from([]),
        limits: Limits::default(),
        seed: rng.random(),
    };
    Process::boot::<G>(&loaded, &settings, watchlist, now, now).expect("what was kept can be loaded")
}
