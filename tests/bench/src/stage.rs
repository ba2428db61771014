//! A front that is handed ticks and commits, and whose sockets write when they are told to.

use std::sync::Arc;
use std::time::Duration;

use holdfast::hub::{self, HubSettings};
use holdfast::persistence::loaded::LoadedWorld;
use holdfast::{App, Game};
use holdfast_front::{
    Account, Attachment, Conn, EntityChange, Front, FrontConfig, FrontEffect, FrontEvent, HelloRequest,
    JoinOutcome, Limits, Moment, TickChanges, Trust,
};
use holdfast_protocol::{BuildId, ChunkId, EntityId, Seq, SessionEpoch, Tick};

/// How long a tick lasts.
pub const TICK: Duration = Duration::from_millis(50);

/// What a server of `G` would tell the front of this world.
#[must_use]
pub fn config<G: Game>(loaded: &LoadedWorld, session_capacity: usize) -> FrontConfig {
    let trust = Trust::default();
    trust.extend(Moment(Duration::from_secs(1 << 32)));
    let settings = HubSettings {
        build: BuildId([1; 16]),
        session_capacity,
        tick: TICK,
        addresses: Arc::from([]),
        table_count: App::of::<G>().tables().len(),
        seed: 1,
        limits: Limits::default(),
        trust: Arc::new(trust),
    };
    hub::configs::<G>(loaded, settings).0
}

/// The front.
pub struct Stage {
    front: Front,
    now: Moment,
    tick: Tick,
}

impl Stage {
    /// A front whose public copy is this load.
    #[must_use]
    pub fn new(config: FrontConfig, load: TickChanges) -> Self {
        let now = Moment(Duration::from_secs(1_000));
        let mut stage = Self { tick: config.start, front: Front::new(config, now), now };
        stage.step(FrontEvent::Ticked(load));
        stage
    }

    /// What follows from an event.
    pub fn step(&mut self, event: FrontEvent) -> Vec<FrontEffect> {
        let mut effects = Vec::new();
        self.front.step(self.now, event, &mut effects);
        effects
    }

    /// How many times a chunk has been encoded.
    #[must_use]
    pub fn chunk_encoding_count(&self) -> u64 {
        self.front.chunk_encoding_count()
    }

    /// The number of the tick that [`Self::run`] is to be handed.
    #[must_use]
    pub fn next_tick(&self) -> Tick {
        self.tick.next()
    }

    /// The next tick is run, and waits for its commit.
    pub fn run(&mut self, changes: TickChanges) {
        self.tick = changes.tick;
        self.now = self.now + TICK;
        self.step(FrontEvent::Ticked(changes));
    }

    /// Everything that was run is committed.
    pub fn commit(&mut self) -> Vec<FrontEffect> {
        self.step(FrontEvent::Durable(self.tick))
    }

    /// The connection's socket writes until there is nothing more to be sent.
    ///
    /// Hands out how many bytes followed upon what was under way.
    pub fn read(&mut self, conn: Conn) -> usize {
        let mut read = 0;
        loop {
            let sent = sent_bytes(&self.step(FrontEvent::Written(conn)));
            if sent == 0 {
                return read;
            }
            read += sent;
        }
    }

    /// Lets a connection in, as the world would, with a tick in which besides that these things change. Its Welcome is
    /// under way then.
    ///
    /// # Panics
    /// Where it does not get in.
    pub fn enter(&mut self, conn: Conn, request: HelloRequest, center: ChunkId, entities: Vec<EntityChange>) {
        let attachment = Attachment {
            conn,
            character: request.character,
            session_epoch: SessionEpoch(conn.0),
            resumed: request.resume.is_some(),
            last_seq: Seq(0),
            conflict: false,
            center,
        };
        self.step(FrontEvent::Hello(conn, request));
        let joins = vec![JoinOutcome::Attached(attachment)];
        self.run(TickChanges { tick: self.next_tick(), entities, joins, ..TickChanges::default() });
        assert!(sent_bytes(&self.commit()) > 0, "a Welcome is sent");
    }
}

/// Somebody who comes for the first time, and whom nobody knows.
#[must_use]
pub fn stranger(character: EntityId) -> HelloRequest {
    first_hello(Account { issuer: Arc::from("bench"), subject: Arc::from(character.to_string()) }, character)
}

/// What this account says when it comes for the first time.
pub(crate) fn first_hello(account: Account, character: EntityId) -> HelloRequest {
    HelloRequest {
        account,
        character,
        resume: None,
        held: None,
        oldest_unanswered: None,
        heard: Moment::default(),
    }
}

/// How many bytes these effects send.
#[must_use]
pub fn sent_bytes(effects: &[FrontEffect]) -> usize {
    let bytes = |effect: &FrontEffect| match effect {
        FrontEffect::Send(_, bytes, _) | FrontEffect::Notice(_, bytes) => bytes.len(),
        _ => 0,
    };
    effects.iter().map(bytes).sum()
}
