//! The wire's golden bytes: what each message looks like, byte for byte.
//!
//! A difference here is a difference on the wire, and so another build. Where it is meant, write the file anew with
//! `HOLDFAST_BLESS=1 cargo test -p holdfast-protocol --test golden` and look at what changed.

use std::fmt::Write as _;
use std::path::Path;

use holdfast_protocol::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// One message: its name, its bytes, and that they read back as the same.
fn sample<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    name: &str,
    value: &T,
) -> (String, String) {
    let bytes = encode(value);
    assert_eq!(&decode::<T>(&bytes).expect(name), value, "{name}");
    let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a String takes all");
        hex
    });
    (name.to_owned(), hex)
}

fn name(seq: u64, nonce: u32) -> ActionName {
    ActionName { seq: Seq(seq), nonce: Nonce(nonce) }
}

fn samples() -> Vec<(String, String)> {
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
    };
    let refusal = Refusal { action: name(8, 1), code: Code::SEQ_GAP, retry_after_ms: 125, expected: Seq(6) };
    vec![
        sample("client/hello/least", &hello("", None, None, None)),
        sample(
            "client/hello/most",
            &hello("a.b.c", Some(Blob(vec![1, 2, 3])), Some(held), Some(name(9, u32::MAX))),
        ),
        sample("client/act", &ClientMessage::Act(Act { name: name(1, 0), action: Blob(vec![1, 0, 0]) })),
        sample("client/applied", &ClientMessage::Applied(Applied { tick: Tick(300) })),
        sample("client/ping", &ClientMessage::Ping),
        sample("client/resync", &ClientMessage::Resync(Resync { tick: Tick(300) })),
        sample("client/leave", &ClientMessage::Leave),
        sample("server/error", &ServerMessage::Error(ErrorBody::new(Code::UPDATE_REQUIRED, 0, 7))),
        sample("server/welcome", &ServerMessage::Welcome(welcome)),
        sample("server/frame/least", &ServerMessage::Frame(Frame::default())),
        sample("server/frame/most", &ServerMessage::Frame(frame)),
        sample("server/refused", &ServerMessage::Refused(refusal)),
        sample(
            "server/paused",
            &ServerMessage::Paused(Paused { code: Code::STORE_UNAVAILABLE, since_ms: 250 }),
        ),
        sample("server/pong", &ServerMessage::Pong),
        sample("server/idle_warning", &ServerMessage::IdleWarning(60_000)),
    ]
}

#[test]
fn the_wire_is_what_it_was() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/wire.json");
    let samples: serde_json::Map<_, _> =
        samples().into_iter().map(|(name, hex)| (name, serde_json::Value::from(hex))).collect();
    if std::env::var_os("HOLDFAST_BLESS").is_some() {
        let text = serde_json::to_string_pretty(&samples).unwrap() + "\n";
        std::fs::write(&path, text).unwrap();
    }
    let golden: serde_json::Map<_, _> =
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    for (name, hex) in &samples {
        assert_eq!(golden.get(name), Some(hex), "{name}");
    }
    assert_eq!(golden.len(), samples.len(), "a message has gone from the wire");
}
