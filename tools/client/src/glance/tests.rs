use holdfast_protocol::{
    ActionName, Blob, Code, Epoch, Nonce, OwnWrite, Reply, Roster, Seq, Tick, TokenPoint, TokenStamp,
    Verdict, encode,
};

use super::*;

const ME: EntityId = EntityId(70_001);

fn entity(id: EntityId) -> EntityWrite {
    let part = |tag, body: &[u8]| Part { tag: PartTag(tag), body: Blob(body.to_vec()) };
    EntityWrite { id, whole: true, parts: vec![part(1, &[1, 2]), part(300, &[])] }
}

/// Two of everything, so that no list ends where another begins by chance.
fn full() -> Frame {
    let verdict = |seq| Verdict {
        action: ActionName { seq: Seq(seq), nonce: Nonce(u32::MAX) },
        code: Code::of_verb(3, 2),
        detail: [1, 2, 3, 4],
    };
    let chunk = |id, who: [u64; 2]| ChunkWrite {
        chunk: ChunkId(id),
        entities: who.map(EntityId).map(entity).to_vec(),
    };
    Frame {
        from: Some(TokenPoint { epoch: Epoch(5), tick: Tick(1_000) }),
        verdicts: vec![verdict(7), verdict(8)],
        replies: vec![Reply { seq: Seq(7), body: Blob(vec![9; 200]) }],
        lost: vec![ChunkId(4), ChunkId(300)],
        rosters: vec![
            Roster { chunk: ChunkId(5), ids: vec![EntityId(2), ME] },
            Roster { chunk: ChunkId(6), ids: Vec::new() },
        ],
        chunks: vec![chunk(5, [2, ME.0]), chunk(6, [4, 6])],
        own: OwnWrite { roster: Some(vec![EntityId(8)]), entities: vec![entity(EntityId(8))] },
        hashes: vec![ChunkHash { chunk: ChunkId(5), hash: u32::MAX }; 2],
        token: Some(TokenStamp { tick: Tick(1_001), center: ChunkId(5) }),
    }
}

/// What is to be left of a frame.
fn of_me(frame: Frame) -> ServerMessage {
    let chunks = frame.chunks.into_iter().filter_map(|mut chunk| {
        chunk.entities.retain(|entity| entity.id == ME);
        (!chunk.entities.is_empty()).then_some(chunk)
    });
    let chunks = chunks.collect();
    ServerMessage::Frame(Frame { lost: Vec::new(), rosters: Vec::new(), hashes: Vec::new(), chunks, ..frame })
}

#[test]
fn a_glance_finds_the_answers_the_tokens_and_ones_own() {
    let part = Frame { token: None, from: None, ..full() };
    for frame in [full(), part, Frame::default()] {
        let bytes = encode(&ServerMessage::Frame(frame.clone()));
        assert_eq!(glance(&bytes, ME), Ok(of_me(frame)));
    }
}

#[test]
fn a_glance_at_the_golden_messages_finds_what_the_whole_decoder_does() {
    let golden = include_str!("../../../../tests/golden/wire.json");
    let mut frames = 0;
    for bytes in golden.split('"').filter_map(from_hex) {
        let Ok(whole) = decode::<ServerMessage>(&bytes) else { continue };
        let expected = match whole {
            ServerMessage::Frame(frame) => {
                frames += 1;
                of_me(frame)
            }
            other => other,
        };
        assert_eq!(glance(&bytes, ME), Ok(expected));
    }
    assert!(frames >= 3, "only {frames} frames");
}

#[test]
fn a_frame_that_ends_early_or_late_is_none() {
    let mut bytes = encode(&ServerMessage::Frame(full()));
    for length in 0..bytes.len() {
        assert_eq!(glance(&bytes[..length], ME), Err(DecodeError::Malformed), "{length}");
    }
    bytes.push(0);
    assert_eq!(glance(&bytes, ME), Err(DecodeError::Trailing(1)));
}

/// None where this is no list of bytes.
fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || !text.is_ascii() || text.len() % 2 == 1 {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}
