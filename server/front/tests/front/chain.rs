//! A front with a random world behind it and clients before it, one step after another.
//!
//! The world decides joins and leaves as an engine would; the clients read, drop and come back. Each token that a
//! client adopts is checked against the world of that tick.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use holdfast_client::WorldCopy;
use holdfast_front::{
    Attachment, CharacterGone, Conn, EpochEnd, Front, FrontConfig, FrontEffect, FrontEvent, HelloRequest,
    JoinOutcome, JoinRequest, Moment, TickChanges, WorldEvent,
};
use holdfast_protocol::{
    Blob, ChunkId, ClientMessage, EntityId, Epoch, EpochTag, Resync, ResyncKind, Seq, ServerMessage,
    SessionEpoch, SyncToken, Tick, decode,
};

use crate::harness::{config, request};
use crate::model::{Model, Sight, Thing};

pub(crate) const CLIENT_COUNT: usize = 4;

/// One thing that happens in the world; the numbers are taken modulo what there is.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Spawn { chunk: u64, durable: bool },
    Walk { thing: usize, chunk: u64 },
    Set { thing: usize, part: usize, value: u8 },
    Strip { thing: usize, part: usize },
    PickUp { thing: usize, by: usize },
    PutDown { thing: usize, chunk: u64 },
    Claim { thing: usize, by: usize },
    Die { thing: usize },
}

/// What happens next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Tick(Vec<Op>),
    Commit(usize),
    Read(usize),
    ReadAll,
    Come(usize),
    Drop(usize),
    Leave(usize),
    LoseCopy(usize),
    Wait,
    Restart,
}

struct Client {
    character: EntityId,
    conn: Option<Conn>,
    /// The message that its socket has and it has not read.
    line: VecDeque<Bytes>,
    copy: WorldCopy,
    resume: Option<Blob>,
}

/// A front, the world behind it, and the clients before it.
pub(crate) struct Chain {
    config: FrontConfig,
    front: Front,
    now: Moment,
    tick: Tick,
    model: Model,
    /// The world after each tick of each ownership.
    past: BTreeMap<(Epoch, Tick), Model>,
    uncommitted: VecDeque<Tick>,
    inbox: Vec<WorldEvent>,
    /// Who plays, as the world knows it.
    players: BTreeMap<EntityId, Conn>,
    clients: Vec<Client>,
    conn_count: u64,
    thing_count: u64,
    /// How often a client came back to a delta.
    pub(crate) delta_count: usize,
    pub(crate) token_count: usize,
}

impl Chain {
    pub(crate) fn new() -> Self {
        let config = config();
        let now = Moment(Duration::from_secs(1_000));
        let client = |number: usize| Client {
            character: EntityId(number as u64 * 2 + 1),
            conn: None,
            line: VecDeque::new(),
            copy: WorldCopy::new(),
            resume: None,
        };
        let mut chain = Self {
            front: Front::new(config.clone(), now),
            now,
            tick: config.start,
            model: Model::default(),
            past: BTreeMap::new(),
            uncommitted: VecDeque::new(),
            inbox: Vec::new(),
            players: BTreeMap::new(),
            clients: (0..CLIENT_COUNT).map(client).collect(),
            conn_count: 0,
            thing_count: 0,
            delta_count: 0,
            token_count: 0,
            config,
        };
        chain.hand_in_the_load();
        chain
    }

    fn hand_in_the_load(&mut self) {
        self.past.insert((self.config.epoch, self.tick), self.model.clone());
        let entities = self.model.changes_since(&Model::default());
        self.step(FrontEvent::Ticked(TickChanges { tick: self.tick, entities, ..TickChanges::default() }));
    }

    fn step(&mut self, event: FrontEvent) {
        let mut effects = Vec::new();
        self.front.step(self.now, event, &mut effects);
        for effect in effects {
            match effect {
                FrontEffect::Send(conn, bytes, _) | FrontEffect::Notice(conn, bytes) => {
                    if let Some(client) = self.clients.iter_mut().find(|client| client.conn == Some(conn)) {
                        assert!(client.line.is_empty(), "one message is under way at a time");
                        client.line.push_back(bytes);
                    }
                }
                FrontEffect::Close(conn, _) | FrontEffect::Hangup(conn) => {
                    if let Some(client) = self.clients.iter_mut().find(|client| client.conn == Some(conn)) {
                        client.conn = None;
                        client.line.clear();
                    }
                }
                FrontEffect::World(event) => self.inbox.push(event),
                FrontEffect::Measured(_) => {}
            }
        }
    }

    pub(crate) fn play(&mut self, step: &Step) {
        match step {
            Step::Tick(ops) => self.run_tick(ops),
            Step::Commit(count) => self.commit(*count),
            Step::Read(client) => self.read(*client),
            Step::ReadAll => self.read_all(),
            Step::Come(client) => self.come(*client),
            Step::Drop(client) => {
                if let Some(conn) = self.clients[*client].conn.take() {
                    self.clients[*client].line.clear();
                    self.step(FrontEvent::Lost(conn));
                }
            }
            Step::Leave(client) => {
                if let Some(conn) = self.clients[*client].conn {
                    self.step(FrontEvent::Said(conn, ClientMessage::Leave, self.now));
                }
            }
            Step::LoseCopy(client) => {
                self.clients[*client].copy.forget();
                if let Some(conn) = self.clients[*client].conn {
                    let resync = ClientMessage::Resync(Resync { tick: self.tick });
                    self.step(FrontEvent::Said(conn, resync, self.now));
                }
            }
            Step::Wait => {
                self.now = self.now + Duration::from_secs(70);
                self.step(FrontEvent::Clock);
            }
            Step::Restart => self.restart(),
        }
    }

    fn run_tick(&mut self, ops: &[Op]) {
        if self.uncommitted.len() == 3 {
            self.commit(1);
        }
        self.now = self.now + Duration::from_millis(50);
        self.step(FrontEvent::Clock);
        let before = self.model.clone();
        self.tick = self.tick.next();
        let tick = self.tick;
        let mut changes = TickChanges { tick, ..TickChanges::default() };
        for event in std::mem::take(&mut self.inbox) {
            self.drain(event, &mut changes);
        }
        for op in ops {
            self.apply(op, tick);
        }
        changes.entities = self.model.changes_since(&before);
        for (&id, character) in &mut self.model.characters {
            let Some(chunk) = self.model.things.get(&id).and_then(|body| body.chunk) else { continue };
            // The view follows late, as it does in a game.
            if chunk.0.abs_diff(character.center.0) > 1 {
                character.center = chunk;
                changes.centers.push((id, chunk));
            }
        }
        for join in &mut changes.joins {
            if let JoinOutcome::Attached(attachment) = join {
                attachment.center = self.model.characters[&attachment.character].center;
            }
        }
        let left = before.characters.keys().filter(|id| before.present(**id) && !self.model.present(**id));
        changes.gone = left.map(|id| CharacterGone { character: *id }).collect();
        self.past.insert((self.config.epoch, tick), self.model.clone());
        self.uncommitted.push_back(tick);
        self.step(FrontEvent::Ticked(changes));
    }

    fn drain(&mut self, event: WorldEvent, changes: &mut TickChanges) {
        match event {
            WorldEvent::Join(join) => {
                let attachment = self.attach(&join);
                changes.joins.push(JoinOutcome::Attached(attachment));
            }
            WorldEvent::Leave { character, conn, ended } => {
                if self.players.get(&character) == Some(&conn) {
                    self.players.remove(&character);
                    self.model.unload(character);
                    if let Some(character) = self.model.characters.get_mut(&character) {
                        character.ended = ended;
                    }
                }
            }
            WorldEvent::Sleep { .. } | WorldEvent::Act { .. } => {}
        }
    }

    fn attach(&mut self, join: &JoinRequest) -> Attachment {
        if !self.model.present(join.character) {
            self.model.load(join.character, self.tick);
        }
        self.players.insert(join.character, join.conn);
        let character = self.model.characters.get_mut(&join.character).unwrap();
        let latest = character.session_epoch;
        let resumed = !character.ended
            && latest > 0
            && join.resume.is_some_and(|of| of.0 == latest || of.0 + 1 == latest);
        character.ended = false;
        character.session_epoch += 1;
        Attachment {
            conn: join.conn,
            character: join.character,
            session_epoch: SessionEpoch(character.session_epoch),
            resumed,
            last_seq: Seq(0),
            conflict: false,
            center: character.center,
        }
    }

    fn apply(&mut self, op: &Op, tick: Tick) {
        let pick =
            |model: &Model, number: usize| model.things.keys().nth(number % model.things.len()).copied();
        let thing_number = match *op {
            Op::Spawn { chunk, durable } => {
                self.thing_count += 1;
                let thing = Thing::new(ChunkId(chunk), None, durable, tick);
                self.model.things.insert(EntityId(self.thing_count * 2), thing);
                return;
            }
            Op::Walk { thing, .. }
            | Op::Set { thing, .. }
            | Op::Strip { thing, .. }
            | Op::PickUp { thing, .. }
            | Op::PutDown { thing, .. }
            | Op::Claim { thing, .. }
            | Op::Die { thing } => thing,
        };
        if self.model.things.is_empty() {
            return;
        }
        let id = pick(&self.model, thing_number).unwrap();
        let bearer = |by: usize| Some(EntityId(by as u64 * 2 + 1)).filter(|of| self.model.present(*of));
        let to = match *op {
            Op::PickUp { by, .. } | Op::Claim { by, .. } => bearer(by),
            _ => None,
        };
        let is_character = id.is_character();
        let thing = self.model.things.get_mut(&id).unwrap();
        match *op {
            Op::Spawn { .. } => {}
            Op::Walk { chunk, .. } if thing.chunk.is_some() => {
                thing.lie(Some(ChunkId(chunk)), thing.home, tick);
            }
            Op::Set { part, value, .. } => thing.set(part, value, tick),
            Op::Strip { part, .. } => thing.strip(part, tick),
            Op::PickUp { .. } if to.is_some() && !is_character => thing.lie(None, to, tick),
            Op::PutDown { chunk, .. } if thing.chunk.is_none() => thing.lie(Some(ChunkId(chunk)), None, tick),
            Op::Claim { .. } if thing.chunk.is_some() && !is_character => thing.lie(thing.chunk, to, tick),
            Op::Die { .. } if !is_character => {
                self.model.things.remove(&id);
            }
            _ => {}
        }
    }

    fn commit(&mut self, count: usize) {
        let count = count.min(self.uncommitted.len());
        let durable = self.uncommitted.drain(..count).next_back();
        if let Some(durable) = durable {
            self.step(FrontEvent::Durable(durable));
        }
    }

    fn come(&mut self, client: usize) {
        self.conn_count += 1;
        let conn = Conn(self.conn_count);
        let client = &mut self.clients[client];
        client.conn = Some(conn);
        client.line.clear();
        let hello = HelloRequest {
            resume: client.resume.clone(),
            held: client.copy.held(),
            ..request(client.character)
        };
        self.step(FrontEvent::Hello(conn, hello));
    }

    fn read_all(&mut self) {
        while self.clients.iter().any(|client| !client.line.is_empty()) {
            (0..CLIENT_COUNT).for_each(|client| self.read(client));
        }
    }

    fn read(&mut self, index: usize) {
        let client = &mut self.clients[index];
        let Some(bytes) = client.line.pop_front() else { return };
        match decode(&bytes).unwrap() {
            ServerMessage::Welcome(welcome) => {
                client.copy.welcome(&welcome);
                client.resume = Some(welcome.resume);
                self.delta_count += usize::from(welcome.resync == ResyncKind::Delta);
            }
            // Whoever has lost its copy waits for a snapshot.
            ServerMessage::Frame(frame) if frame.from.is_some() && client.copy.held().is_none() => {}
            ServerMessage::Frame(frame) => {
                if let Some(token) = client.copy.receive(frame).unwrap() {
                    self.token_count += 1;
                    self.check(index, token);
                }
            }
            ServerMessage::Paused(_) => {}
            other => panic!("{other:?}"),
        }
        if let Some(conn) = self.clients[index].conn {
            self.step(FrontEvent::Written(conn));
        }
    }

    fn check(&self, client: usize, token: SyncToken) {
        let client = &self.clients[client];
        assert!(self.uncommitted.front().is_none_or(|tick| token.tick < *tick), "not committed yet");
        let world = &self.past[&(token.epoch, token.tick)];
        assert_eq!(token.center, world.characters[&client.character].center);
        assert_eq!(seen(&client.copy), world.sight(client.character, token.center), "at {token:?}");
    }

    fn restart(&mut self) {
        let durable = self.uncommitted.pop_front().map_or(self.tick, |tick| Tick(tick.0 - 1));
        self.uncommitted.clear();
        // Ticks that changed nothing durable were never written: to the next owner they did not happen.
        let written = |tick: Tick| self.past.get(&(self.config.epoch, tick)).map(Model::durable);
        let mut end = durable;
        while end > self.config.start && written(Tick(end.0 - 1)) == written(end) {
            end = Tick(end.0 - 1);
        }
        let past = EpochEnd { epoch: self.config.epoch, tag: self.config.tag, end };
        let model = &self.past[&(self.config.epoch, durable)];
        self.tick = end.next();
        self.model = model.restarted(self.tick);
        self.config.history.push(past);
        self.config.epoch = Epoch(past.epoch.0 + 1);
        self.config.tag = EpochTag(past.tag.0 * 31);
        self.config.start = self.tick;
        self.inbox.clear();
        self.players.clear();
        for client in &mut self.clients {
            client.conn = None;
            client.line.clear();
        }
        self.front = Front::new(self.config.clone(), self.now);
        self.hand_in_the_load();
    }

    /// Everybody is there, everything is committed and read: all copies are what the front itself would write.
    pub(crate) fn settle(&mut self) {
        // A store that stands still lets nobody in.
        self.commit(3);
        for client in 0..CLIENT_COUNT {
            if self.clients[client].conn.is_none() {
                self.come(client);
            }
        }
        self.run_tick(&[]);
        self.commit(3);
        self.read_all();
        // Long enough for a snapshot that somebody asked for.
        self.now = self.now + Duration::from_secs(2);
        self.step(FrontEvent::Clock);
        self.read_all();
        for client in &self.clients {
            let token = client.copy.held().unwrap();
            assert_eq!(seen(&client.copy), self.model.sight(client.character, token.center));
            let mut fresh = BTreeMap::new();
            for write in self.front.snapshot(token.center) {
                for entity in write.entities {
                    let parts = entity.parts.into_iter().map(|part| (part.tag, part.body.0)).collect();
                    fresh.entry(write.chunk).or_insert_with(BTreeMap::new).insert(entity.id, parts);
                }
            }
            assert_eq!(seen(&client.copy).0, fresh);
        }
    }
}

fn seen(copy: &WorldCopy) -> Sight {
    let place = |place: &holdfast_client::copy::Place| {
        place.entities().map(|(id, parts)| (id, parts.clone())).collect::<BTreeMap<_, _>>()
    };
    (copy.chunks().map(|(id, of)| (id, place(of))).collect(), place(copy.own()))
}
