//! A front on a stage: the test hands in ticks and commits them, and reads what each connection gets.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use holdfast_front::{
    Account, ActionTimes, Answer, AnswerKind, Attachment, Audience, Conn, EntityChange, EpochEnd, Fate,
    Front, FrontConfig, FrontEffect, FrontEvent, HelloRequest, Interest, JoinOutcome, JoinRequest, Limits,
    Measurement, Moment, Pace, PartChange, TickChanges, Trust, WorldEvent,
};
use holdfast_protocol::{
    Act, ActionName, Blob, BuildId, ChunkId, ClientMessage, Code, EntityId, Epoch, EpochTag, ErrorBody,
    Frame, Nonce, PartTag, Refusal, Seq, ServerMessage, SessionEpoch, SyncToken, Tick, Verdict, Welcome,
    WorldId, decode,
};

pub(crate) const ANN: EntityId = EntityId(1);
pub(crate) const BEN: EntityId = EntityId(3);
pub(crate) const A: Conn = Conn(101);
pub(crate) const B: Conn = Conn(103);
pub(crate) const C: Conn = Conn(105);
/// The chunk in which everything in the hand-made ticks happens.
pub(crate) const HERE: ChunkId = ChunkId(10);
pub(crate) const POSE: PartTag = PartTag(1);
pub(crate) const PURSE: PartTag = PartTag(2);

/// A line of chunks: the centre and its two neighbours.
pub(crate) struct Line;

impl Interest for Line {
    fn view(&self, center: ChunkId) -> Vec<ChunkId> {
        let mut view = vec![center, ChunkId(center.0.wrapping_add(1)), ChunkId(center.0.wrapping_sub(1))];
        view.dedup();
        view
    }
}

/// The first byte of an action tells its pace; any other cannot be read.
fn inspect(action: &[u8]) -> Option<Pace> {
    match action.first()? {
        1 => Some(Pace::Move),
        2 => Some(Pace::Chat),
        3 => Some(Pace::Other),
        _ => None,
    }
}

/// An owner that never doubts.
pub(crate) fn trust_for_ever() -> Arc<Trust> {
    let trust = Trust::default();
    trust.extend(Moment(Duration::from_secs(1 << 32)));
    Arc::new(trust)
}

pub(crate) fn config() -> FrontConfig {
    FrontConfig {
        world: WorldId(1),
        epoch: Epoch(7),
        tag: EpochTag(77),
        start: Tick(100),
        history: vec![EpochEnd { epoch: Epoch(6), tag: EpochTag(66), end: Tick(90) }],
        resume_key: [5; 32],
        build: BuildId([8; 16]),
        interest: Arc::new(Line),
        inspect_action: inspect,
        trust: trust_for_ever(),
        session_capacity: 200,
        tick_ms: 50,
        addresses: Arc::from([]),
        limits: Limits::default(),
    }
}

pub(crate) fn account(character: EntityId) -> Account {
    Account { issuer: "https://issuer".into(), subject: format!("person {character}").into() }
}

/// When a stage begins, and everybody has said Hello.
const START: Moment = Moment(Duration::from_secs(1_000));

pub(crate) fn request(character: EntityId) -> HelloRequest {
    HelloRequest {
        account: account(character),
        character,
        resume: None,
        held: None,
        oldest_unanswered: None,
        heard: START,
    }
}

pub(crate) fn name(seq: u64) -> ActionName {
    ActionName { seq: Seq(seq), nonce: Nonce(9) }
}

pub(crate) struct Stage {
    pub(crate) front: Front,
    pub(crate) now: Moment,
    pub(crate) tick: Tick,
    /// Sent and not yet read.
    sent: Vec<(Conn, Bytes)>,
    /// Those of the messages so far that say nothing of the world.
    pub(crate) notices: Vec<Bytes>,
    pub(crate) closed: BTreeMap<Conn, ErrorBody>,
    pub(crate) hung_up: Vec<Conn>,
    pub(crate) world: Vec<WorldEvent>,
    pub(crate) measured: Vec<Measurement>,
    /// The times of the actions that the messages so far answer.
    pub(crate) answers: Vec<ActionTimes>,
    session_epochs: u64,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(config(), Vec::new())
    }

    /// A front whose load holds these entities.
    pub(crate) fn with(config: FrontConfig, load: Vec<EntityChange>) -> Self {
        let now = START;
        let tick = config.start;
        let mut stage = Self {
            front: Front::new(config, now),
            now,
            tick,
            sent: Vec::new(),
            notices: Vec::new(),
            closed: BTreeMap::new(),
            hung_up: Vec::new(),
            world: Vec::new(),
            measured: Vec::new(),
            answers: Vec::new(),
            session_epochs: 0,
        };
        stage.step(FrontEvent::Ticked(TickChanges { tick, entities: load, ..TickChanges::default() }));
        stage
    }

    pub(crate) fn step(&mut self, event: FrontEvent) {
        let mut effects = Vec::new();
        self.front.step(self.now, event, &mut effects);
        for effect in effects {
            match effect {
                FrontEffect::Send(conn, bytes, answers) => {
                    self.answers.extend(answers);
                    self.sent.push((conn, bytes));
                }
                FrontEffect::Notice(conn, bytes) => {
                    self.notices.push(bytes.clone());
                    self.sent.push((conn, bytes));
                }
                FrontEffect::Close(conn, error) => {
                    assert!(self.closed.insert(conn, error).is_none(), "closed twice");
                }
                FrontEffect::Hangup(conn) => self.hung_up.push(conn),
                FrontEffect::World(event) => self.world.push(event),
                FrontEffect::Measured(measurement) => self.measured.push(measurement),
            }
        }
    }

    pub(crate) fn say(&mut self, conn: Conn, message: ClientMessage) {
        self.step(FrontEvent::Said(conn, message, self.now));
    }

    pub(crate) fn act(&mut self, conn: Conn, pace: u8, seq: u64) {
        self.say(conn, ClientMessage::Act(Act { name: name(seq), action: Blob(vec![pace]) }));
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
        self.step(FrontEvent::Clock);
    }

    /// The next tick, with what `fill` puts into it. It is not committed.
    pub(crate) fn run(&mut self, fill: impl FnOnce(&mut TickChanges)) {
        self.tick = self.tick.next();
        let mut changes = TickChanges { tick: self.tick, ..TickChanges::default() };
        fill(&mut changes);
        self.step(FrontEvent::Ticked(changes));
    }

    /// Everything that was run is committed.
    pub(crate) fn commit(&mut self) {
        self.step(FrontEvent::Durable(self.tick));
    }

    pub(crate) fn run_and_commit(&mut self, fill: impl FnOnce(&mut TickChanges)) {
        self.run(fill);
        self.commit();
    }

    /// What the connection's socket has to write next, without writing it.
    pub(crate) fn waiting(&self, conn: Conn) -> usize {
        self.sent.iter().filter(|(to, _)| *to == conn).count()
    }

    /// One message, where it is a frame.
    pub(crate) fn read_one(&mut self, conn: Conn) -> Option<Frame> {
        let index = self.sent.iter().position(|(to, _)| *to == conn)?;
        let bytes = self.sent.remove(index).1;
        self.step(FrontEvent::Written(conn));
        match decode(&bytes).unwrap() {
            ServerMessage::Frame(frame) => Some(frame),
            _ => None,
        }
    }

    /// The bytes that the connection gets, one message after another, until there are no more.
    pub(crate) fn read_bytes(&mut self, conn: Conn) -> Vec<Bytes> {
        let mut read = Vec::new();
        while let Some(index) = self.sent.iter().position(|(to, _)| *to == conn) {
            assert_eq!(self.waiting(conn), 1, "one message is under way at a time");
            read.push(self.sent.remove(index).1);
            self.step(FrontEvent::Written(conn));
        }
        read
    }

    pub(crate) fn read(&mut self, conn: Conn) -> Vec<ServerMessage> {
        self.read_bytes(conn).iter().map(|bytes| decode(bytes).unwrap()).collect()
    }

    pub(crate) fn read_frames(&mut self, conn: Conn) -> Vec<Frame> {
        let frame = |message| match message {
            ServerMessage::Frame(frame) => Some(frame),
            _ => None,
        };
        self.read(conn).into_iter().filter_map(frame).collect()
    }

    pub(crate) fn read_verdicts(&mut self, conn: Conn) -> Vec<Verdict> {
        self.read_frames(conn).into_iter().flat_map(|frame| frame.verdicts).collect()
    }

    pub(crate) fn read_refusals(&mut self, conn: Conn) -> Vec<Refusal> {
        let refusal = |message| match message {
            ServerMessage::Refused(refusal) => Some(refusal),
            _ => None,
        };
        self.read(conn).into_iter().filter_map(refusal).collect()
    }

    /// The join that the world was asked for last.
    pub(crate) fn asked_to_join(&self) -> JoinRequest {
        let join = |event: &WorldEvent| match event {
            WorldEvent::Join(join) => Some(join.clone()),
            _ => None,
        };
        self.world.iter().rev().find_map(join).unwrap()
    }

    /// A tick, not committed, that attaches the connection.
    pub(crate) fn run_attach(&mut self, conn: Conn, character: EntityId, resumed: bool) {
        let attachment = self.attachment(conn, character, resumed);
        self.run(|tick| {
            tick.entities.push(body(character, HERE, tick.tick, 0));
            tick.joins.push(JoinOutcome::Attached(attachment));
        });
    }

    pub(crate) fn attachment(&mut self, conn: Conn, character: EntityId, resumed: bool) -> Attachment {
        self.session_epochs += 1;
        Attachment {
            conn,
            character,
            session_epoch: SessionEpoch(self.session_epochs),
            resumed,
            last_seq: Seq(0),
            conflict: false,
            center: HERE,
        }
    }

    /// Plays the character over the connection, from Hello to the first frame.
    pub(crate) fn enter(&mut self, conn: Conn, character: EntityId) -> Entered {
        self.enter_with(conn, request(character), false)
    }

    pub(crate) fn enter_with(&mut self, conn: Conn, request: HelloRequest, resumed: bool) -> Entered {
        let character = request.character;
        self.step(FrontEvent::Hello(conn, request));
        self.run_attach(conn, character, resumed);
        self.commit();
        let mut messages = self.read(conn);
        let ServerMessage::Welcome(welcome) = messages.remove(0) else { panic!("no welcome") };
        let ServerMessage::Frame(frame) = messages.remove(0) else { panic!("no frame") };
        assert!(messages.is_empty(), "{messages:?}");
        Entered { welcome, frame }
    }
}

pub(crate) struct Entered {
    pub(crate) welcome: Welcome,
    pub(crate) frame: Frame,
}

impl Entered {
    /// What the client holds after its first frame.
    pub(crate) fn token(&self) -> SyncToken {
        token(&self.welcome, &self.frame)
    }
}

pub(crate) fn token(welcome: &Welcome, frame: &Frame) -> SyncToken {
    let stamp = frame.token.unwrap();
    SyncToken {
        world: welcome.world,
        epoch: welcome.epoch,
        tag: welcome.tag,
        tick: stamp.tick,
        center: stamp.center,
    }
}

pub(crate) fn part(tag: PartTag, audience: Audience, changed: Tick, value: u8) -> PartChange {
    PartChange { tag, audience, changed, body: Some(Arc::from([value])) }
}

/// A character, or a thing that belongs to nobody, in a chunk with a pose.
pub(crate) fn body(id: EntityId, chunk: ChunkId, tick: Tick, pose: u8) -> EntityChange {
    let home = id.is_character().then_some(id);
    EntityChange {
        id,
        fate: Fate::Here { chunk: Some(chunk), home, entered: tick },
        parts: vec![part(POSE, Audience::View, tick, pose)],
    }
}

/// The same with a new pose, having entered long ago.
pub(crate) fn pose(id: EntityId, tick: Tick, pose: u8) -> EntityChange {
    let home = id.is_character().then_some(id);
    EntityChange {
        id,
        fate: Fate::Here { chunk: Some(HERE), home, entered: Tick(0) },
        parts: vec![part(POSE, Audience::View, tick, pose)],
    }
}

pub(crate) fn purse(id: EntityId, tick: Tick, value: u8) -> EntityChange {
    EntityChange {
        id,
        fate: Fate::Here { chunk: Some(HERE), home: Some(id), entered: Tick(0) },
        parts: vec![part(PURSE, Audience::Owner, tick, value)],
    }
}

pub(crate) fn gone(id: EntityId) -> EntityChange {
    EntityChange { id, fate: Fate::Gone, parts: Vec::new() }
}

pub(crate) fn verdict(conn: Conn, character: EntityId, seq: u64) -> Answer {
    let kind = AnswerKind::Verdict { code: Code::ACCEPTED, detail: [0; 4], reply: None, replayed: false };
    Answer { conn, character, action: name(seq), verb: Some(1), heard: Moment::default(), kind }
}
