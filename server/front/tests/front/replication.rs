//! What frames hold, and how often anything is encoded.

use std::sync::Arc;

use holdfast_client::WorldCopy;
use holdfast_front::{Audience, Conn, EntityChange, Fate, FrontEvent, PartChange};
use holdfast_protocol::{ChunkId, EntityId, ServerMessage, Tick, decode, encode};

use crate::harness::{
    A, ANN, B, BEN, HERE, POSE, PURSE, Stage, body, config, gone, part, pose, purse, request, verdict,
};

#[test]
fn frame_bytes_are_the_codecs() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    let mut all = Vec::new();
    for step in 0..60_u64 {
        stage.act(A, 1, step + 1);
        stage.run_and_commit(|tick| {
            let (id, here) = (EntityId(2 + step % 3 * 2), ChunkId(HERE.0 + step % 2));
            tick.entities.push(if step % 7 == 6 { gone(id) } else { body(id, here, tick.tick, 200) });
            tick.entities.push(purse(ANN, tick.tick, 130));
            tick.entities.sort_by_key(|change| change.id);
            tick.centers.push((ANN, ChunkId(HERE.0 + step / 20)));
            let mut answer = verdict(A, ANN, step + 1);
            if let holdfast_front::AnswerKind::Verdict { reply, .. } = &mut answer.kind {
                *reply = Some(Arc::from([7; 300]));
            }
            tick.answers.push(answer);
        });
        all.extend(stage.read_bytes(A));
    }
    assert!(all.len() >= 60);
    let (mut lost, mut rosters, mut hashes, mut own) = (0, 0, 0, 0);
    for bytes in all {
        let message: ServerMessage = decode(&bytes).unwrap();
        assert_eq!(encode(&message), bytes);
        if let ServerMessage::Frame(frame) = message {
            lost += frame.lost.len();
            rosters += frame.rosters.len();
            hashes += frame.hashes.len();
            own += frame.own.entities.len();
        }
    }
    assert!(lost > 0 && rosters > 0 && hashes > 0 && own > 0, "every list has been written");
}

#[test]
fn chunk_is_encoded_once_for_all_its_viewers() {
    let mut stage = Stage::new();
    let conns: Vec<Conn> = (0..100).map(Conn).collect();
    for &conn in &conns {
        let character = EntityId(conn.0 * 2 + 1);
        stage.step(FrontEvent::Hello(conn, request(character)));
        stage.run_attach(conn, character, false);
    }
    stage.commit();
    for &conn in &conns {
        stage.read(conn);
    }
    let before = stage.front.chunk_encoding_count();
    stage.run_and_commit(|tick| tick.entities.push(pose(ANN, tick.tick, 5)));
    for &conn in &conns {
        assert_eq!(stage.read_frames(conn)[0].chunks.len(), 1);
    }
    assert_eq!(stage.front.chunk_encoding_count() - before, 1);
}

#[test]
fn what_is_private_goes_to_its_owner_alone() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.enter(B, BEN);
    stage.read(A);
    stage.run_and_commit(|tick| tick.entities.push(purse(ANN, tick.tick, 42)));
    let frames = stage.read_frames(A);
    assert_eq!(frames[0].own.entities[0].parts[0].body.0, [42]);
    assert!(frames[0].chunks.is_empty());
    assert_eq!(stage.read(B), [], "the neighbour does not even hear that something happened");
}

#[test]
fn an_item_is_seen_by_all_on_the_ground_and_by_its_bearer_in_the_bag() {
    let item = |chunk, home, tick: Tick| EntityChange {
        id: EntityId(2),
        fate: Fate::Here { chunk, home, entered: tick },
        parts: vec![],
    };
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.enter(B, BEN);
    stage.run_and_commit(|tick| tick.entities.push(body(EntityId(2), HERE, tick.tick, 9)));
    stage.read(A);
    stage.read(B);

    stage.run_and_commit(|tick| tick.entities.push(item(None, Some(ANN), tick.tick)));
    let (ann, ben) = (&stage.read_frames(A)[0], &stage.read_frames(B)[0]);
    assert_eq!(ann.own.entities[0].parts[0].body.0, [9], "its parts came along");
    assert_eq!(ann.rosters[0].ids, [ANN, BEN]);
    assert_eq!(ben.rosters[0].ids, [ANN, BEN]);
    assert!(ben.own.entities.is_empty());

    stage.run_and_commit(|tick| tick.entities.push(item(Some(HERE), None, tick.tick)));
    let (ann, ben) = (&stage.read_frames(A)[0], &stage.read_frames(B)[0]);
    assert_eq!(ann.own.roster, Some(vec![ANN]));
    for frame in [ann, ben] {
        let entity = &frame.chunks[0].entities[0];
        assert_eq!((entity.id, entity.whole, entity.parts.len()), (EntityId(2), true, 1));
    }
}

#[test]
fn an_entity_that_loses_a_part_is_written_whole() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.run_and_commit(|tick| {
        let mut thing = body(EntityId(2), HERE, tick.tick, 1);
        thing.parts.push(part(PURSE, Audience::View, tick.tick, 2));
        tick.entities.push(thing);
    });
    stage.read(A);
    stage.run_and_commit(|tick| {
        let mut thing = pose(EntityId(2), tick.tick, 1);
        thing.parts =
            vec![PartChange { tag: PURSE, audience: Audience::View, changed: tick.tick, body: None }];
        tick.entities.push(thing);
    });
    let entity = &stage.read_frames(A)[0].chunks[0].entities[0];
    assert!(entity.whole);
    assert_eq!(entity.parts.iter().map(|part| part.tag).collect::<Vec<_>>(), [POSE]);
}

#[test]
fn the_bag_goes_with_its_character() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.run_and_commit(|tick| {
        let mut item = body(EntityId(2), HERE, tick.tick, 1);
        item.fate = Fate::Here { chunk: None, home: Some(ANN), entered: tick.tick };
        tick.entities.push(item);
    });
    assert_eq!(stage.front.own_snapshot(ANN).len(), 2);
    stage.run_and_commit(|tick| {
        tick.entities.push(gone(ANN));
        tick.gone.push(holdfast_front::CharacterGone { character: ANN });
    });
    assert!(stage.front.own_snapshot(ANN).is_empty());
}

#[test]
fn a_large_frame_comes_in_parts_and_its_token_in_the_last() {
    let crowd = |id: u64| {
        let mut thing = body(EntityId(id * 2), HERE, Tick(90), 1);
        thing.parts[0].body = Some(Arc::from(vec![1; 1_000]));
        thing
    };
    let mut stage = Stage::with(config(), (1..=200).map(crowd).collect());
    stage.step(FrontEvent::Hello(A, request(ANN)));
    stage.run_attach(A, ANN, false);
    stage.commit();
    let bytes = stage.read_bytes(A);
    assert!(bytes.iter().all(|bytes| bytes.len() <= 64 * 1024));
    let mut copy = WorldCopy::new();
    let mut tokens = Vec::new();
    for bytes in &bytes {
        match decode(bytes).unwrap() {
            ServerMessage::Welcome(welcome) => copy.welcome(&welcome),
            ServerMessage::Frame(frame) => tokens.push(copy.receive(frame).unwrap()),
            other => panic!("{other:?}"),
        }
    }
    assert!(tokens.len() > 3, "{} parts", tokens.len());
    assert_eq!(tokens.iter().position(Option::is_some), Some(tokens.len() - 1));
    assert_eq!(copy.entity_count(), 201);
}

#[test]
fn nothing_new_is_built_while_a_large_frame_drains() {
    let crowd = |id: u64| {
        let mut thing = body(EntityId(id * 2), HERE, Tick(90), 1);
        thing.parts[0].body = Some(Arc::from(vec![1; 1_000]));
        thing
    };
    let mut stage = Stage::with(config(), (1..=200).map(crowd).collect());
    stage.step(FrontEvent::Hello(A, request(ANN)));
    stage.run_attach(A, ANN, false);
    stage.commit();
    // Welcome is under way; then each part is, while the world goes on.
    let mut frames = Vec::new();
    while stage.waiting(A) > 0 && frames.len() < 20 {
        stage.run_and_commit(|tick| tick.entities.push(pose(ANN, tick.tick, 1)));
        frames.extend(stage.read_one(A));
    }
    let tokens: Vec<_> = frames.iter().filter_map(|frame| frame.token).collect();
    let first = frames.iter().position(|frame| frame.token.is_some()).unwrap();
    assert!(first > 2);
    assert!(frames[..=first].iter().all(|frame| frame.from.is_none()));
    assert_eq!(frames[first + 1].from.unwrap().tick, tokens[0].tick);
}

#[test]
fn the_hashes_come_every_forty_ticks() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    let mut with_hashes = Vec::new();
    for _ in 0..90 {
        stage.run_and_commit(|tick| tick.entities.push(pose(ANN, tick.tick, 1)));
        for frame in stage.read_frames(A) {
            if !frame.hashes.is_empty() {
                assert_eq!(frame.hashes.len(), 3);
                with_hashes.push(frame.token.unwrap().tick.0);
            }
        }
    }
    assert_eq!(with_hashes, [141, 181]);
}

#[test]
fn a_view_that_moves_by_itself_is_followed() {
    let far = ChunkId(HERE.0 + 2);
    let mut stage = Stage::with(config(), vec![body(EntityId(2), far, Tick(90), 1)]);
    stage.enter(A, ANN);
    stage.run_and_commit(|tick| tick.centers.push((ANN, ChunkId(HERE.0 + 1))));
    let frame = &stage.read_frames(A)[0];
    assert_eq!(frame.lost, [ChunkId(HERE.0 - 1)]);
    assert_eq!(frame.chunks[0].chunk, far);
    assert_eq!(frame.token.unwrap().center, ChunkId(HERE.0 + 1));
}

#[test]
fn what_appears_is_news_whatever_tick_it_names() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.run_and_commit(|tick| tick.entities.push(body(EntityId(2), HERE, Tick(3), 1)));
    assert!(stage.read_frames(A)[0].chunks[0].entities[0].whole);
    stage.run_and_commit(|tick| {
        let mut later = pose(EntityId(2), tick.tick, 2);
        later.parts[0].changed = Tick(3);
        tick.entities.push(later);
    });
    assert_eq!(stage.read_frames(A)[0].chunks[0].entities[0].parts[0].body.0, [2]);
}
