//! The wire's golden bytes: what each message looks like, byte for byte, and what it says.
//!
//! A difference here is a difference on the wire, and so another build. Where it is meant, write the file anew with
//! `HOLDFAST_BLESS=1 cargo test -p holdfast-protocol --test golden` and look at what changed.

use holdfast_golden::Vectors;
use holdfast_protocol::*;

fn name(seq: u64, nonce: u32) -> ActionName {
    ActionName { seq: Seq(seq), nonce: Nonce(nonce) }
}

#[test]
fn the_wire_is_what_it_was() {
    let build = BuildId([0xab; 16]);
    let held = SyncToken {
        world: WorldId(1),
        epoch: Epoch(5),
        tag: EpochTag(u64::MAX),
        tick: Tick(1 << 53),
        center: ChunkId(300),
    };
    let hello = |access_token: &str, resume, held, oldest_unanswered| {
        let access_token = access_token.to_owned();
        ClientMessage::Hello(Hello {
            build,
            access_token,
            character: EntityId(3),
            resume,
            held,
            oldest_unanswered,
        })
    };
    let entity = EntityWrite {
        id: EntityId(70_000),
        whole: true,
        parts: vec![
            Part { tag: PartTag(1), body: Blob(vec![1, 2]) },
            Part { tag: PartTag(300), body: Blob(Vec::new()) },
        ],
    };
    let frame = Frame {
        from: Some(TokenPoint { epoch: Epoch(5), tick: Tick(1_000) }),
        verdicts: vec![Verdict { action: name(7, 99), code: Code::of_verb(3, 2), detail: [1, 2, 3, 4] }],
        replies: vec![Reply { seq: Seq(7), body: Blob("grüß dich ☃".as_bytes().to_vec()) }],
        lost: vec![ChunkId(4)],
        rosters: vec![Roster { chunk: ChunkId(5), ids: vec![EntityId(2), EntityId(70_000)] }],
        chunks: vec![ChunkWrite { chunk: ChunkId(5), entities: vec![entity.clone()] }],
        own: OwnWrite { roster: Some(vec![EntityId(3)]), entities: vec![entity] },
        hashes: vec![ChunkHash { chunk: ChunkId(5), hash: u32::MAX }],
        token: Some(TokenStamp { tick: Tick(1_001), center: ChunkId(5) }),
    };
    let welcome = Welcome {
        world: WorldId(1),
        epoch: Epoch(6),
        tag: EpochTag(42),
        character: EntityId(3),
        last_seq: Seq(7),
        conflict: true,
        resume: Blob(vec![9; 4]),
        resync: ResyncKind::SnapshotUnknownEpoch,
        tick_ms: 50,
        addresses: vec!["wss://a.example/ws".to_owned(), "ws://127.0.0.1:8080/ws".to_owned()],
    };
    let refusal = Refusal { action: name(8, 1), code: Code::SEQ_GAP, retry_after_ms: 125, expected: Seq(6) };
    let mut vectors = Vectors::of("wire.json");
    vectors.add("client/hello/least", &hello("", None, None, None));
    vectors.add(
        "client/hello/most",
        &hello("a.b.c", Some(Blob(vec![1, 2, 3])), Some(held), Some(name(9, u32::MAX))),
    );
    vectors.add("client/act", &ClientMessage::Act(Act { name: name(1, 0), action: Blob(vec![1, 0, 0]) }));
    let acts = [(1, vec![1, 0, 0]), (2, vec![2])];
    let acts = acts.map(|(seq, action)| Act { name: name(seq, 9), action: Blob(action) });
    vectors.add("client/acts", &ClientMessage::Acts(acts.to_vec()));
    vectors.add("client/applied", &ClientMessage::Applied(Applied { tick: Tick(300) }));
    vectors.add("client/ping", &ClientMessage::Ping);
    vectors.add("client/resync", &ClientMessage::Resync(Resync { tick: Tick(300) }));
    vectors.add("client/leave", &ClientMessage::Leave);
    vectors.add("server/error", &ServerMessage::Error(ErrorBody::new(Code::UPDATE_REQUIRED, 0, 7)));
    vectors.add("server/welcome", &ServerMessage::Welcome(welcome));
    vectors.add("server/frame/least", &ServerMessage::Frame(Frame::default()));
    vectors.add("server/frame/most", &ServerMessage::Frame(frame));
    vectors.add("server/refused", &ServerMessage::Refused(refusal));
    vectors.add(
        "server/paused",
        &ServerMessage::Paused(Paused { code: Code::STORE_UNAVAILABLE, since_ms: 250 }),
    );
    vectors.add("server/pong", &ServerMessage::Pong);
    vectors.add("server/idle_warning", &ServerMessage::IdleWarning(60_000));
    ends(&mut vectors);
    vectors.check();
}

/// The least and the largest of what the messages above hold in between.
fn ends(vectors: &mut Vectors) {
    let most = SyncToken {
        world: WorldId(u64::MAX),
        epoch: Epoch(u64::MAX),
        tag: EpochTag(u64::MAX),
        tick: Tick(u64::MAX),
        center: ChunkId(u64::MAX),
    };
    let hello = Hello {
        build: BuildId([0xff; 16]),
        access_token: "☃é🎮 and \u{feff}\0".to_owned(),
        character: EntityId(u64::MAX),
        resume: Some(Blob(Vec::new())),
        held: Some(most),
        oldest_unanswered: Some(name(u64::MAX, u32::MAX)),
    };
    let largest = Welcome {
        world: WorldId(u64::MAX),
        epoch: Epoch(u64::MAX),
        tag: EpochTag(u64::MAX),
        character: EntityId(u64::MAX),
        last_seq: Seq(u64::MAX),
        conflict: false,
        resume: Blob((0..=255).collect()),
        resync: ResyncKind::SnapshotDiverged,
        tick_ms: u16::MAX,
        addresses: vec!["ws://☃/".to_owned() + &"x".repeat(ADDRESS_BYTES_MAX - 9); ADDRESSES_MAX],
    };
    let error = ErrorBody {
        code: Code(u16::MAX),
        category: Category::Internal,
        retryable: true,
        retry_after_ms: u32::MAX,
        correlation_id: u64::MAX,
    };
    let refusal = Refusal {
        action: name(u64::MAX, u32::MAX),
        code: Code(u16::MAX),
        retry_after_ms: u32::MAX,
        expected: Seq(u64::MAX),
    };
    // Each of these is the first or the last number of its length.
    let lengths = [0, 1, 127, 128, 16_383, 16_384, (1 << 28) - 1, 1 << 28, (1 << 35) - 1, 1 << 35];
    let beyond = [(1 << 53) - 1, 1 << 53, (1 << 53) + 1, (1 << 56) - 1, 1 << 56, (1 << 63) - 1, 1 << 63];
    let numbers: Vec<u64> = lengths.into_iter().chain(beyond).chain([u64::MAX]).collect();
    let frame = Frame {
        from: Some(most.point()),
        verdicts: vec![Verdict { action: name(u64::MAX, u32::MAX), code: Code(u16::MAX), detail: [255; 4] }],
        lost: numbers.iter().copied().map(ChunkId).collect(),
        rosters: vec![
            Roster { chunk: ChunkId(0), ids: Vec::new() },
            Roster { chunk: ChunkId(u64::MAX), ids: numbers.iter().copied().map(EntityId).collect() },
        ],
        own: OwnWrite {
            roster: Some(Vec::new()),
            entities: vec![EntityWrite { id: EntityId(u64::MAX), whole: false, parts: Vec::new() }],
        },
        token: Some(TokenStamp { tick: Tick(u64::MAX), center: ChunkId(0) }),
        ..Frame::default()
    };
    vectors.add("client/hello/largest", &ClientMessage::Hello(hello));
    let action = Blob(vec![0xa5; 300]);
    vectors.add("client/act/largest", &ClientMessage::Act(Act { name: name(u64::MAX, u32::MAX), action }));
    let empty = Act { name: name(0, 0), action: Blob(Vec::new()) };
    vectors.add("client/act/empty", &ClientMessage::Act(empty));
    vectors.add("client/applied/largest", &ClientMessage::Applied(Applied { tick: Tick(u64::MAX) }));
    vectors.add("server/error/largest", &ServerMessage::Error(error));
    vectors.add("server/welcome/largest", &ServerMessage::Welcome(largest));
    vectors.add("server/frame/largest", &ServerMessage::Frame(frame));
    vectors.add("server/refused/largest", &ServerMessage::Refused(refusal));
    vectors.add("server/idle_warning/none", &ServerMessage::IdleWarning(0));
    vectors.add("server/idle_warning/largest", &ServerMessage::IdleWarning(u32::MAX));
    for category in [
        Category::Auth,
        Category::Version,
        Category::Capacity,
        Category::RateLimit,
        Category::Validation,
        Category::Consistency,
        Category::Dependency,
    ] {
        let body =
            ErrorBody { category, code: Code(0), retryable: false, retry_after_ms: 0, correlation_id: 0 };
        vectors.add(&format!("server/error/{category:?}").to_lowercase(), &ServerMessage::Error(body));
    }
}
