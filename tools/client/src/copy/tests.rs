use holdfast_protocol::{
    Blob, ChunkHash, ChunkWrite, EntityWrite, OwnWrite, Part, PartTag, ResyncKind, Seq, Tick,
};

use super::*;

const A: ChunkId = ChunkId(1);
const B: ChunkId = ChunkId(2);

fn welcomed(epoch: u64, copy: &mut WorldCopy) {
    copy.welcome(&Welcome {
        world: WorldId(1),
        epoch: Epoch(epoch),
        tag: EpochTag(epoch * 11),
        character: EntityId(1),
        last_seq: Seq(0),
        conflict: false,
        resume: Blob::default(),
        resync: ResyncKind::SnapshotFresh,
        tick_ms: 50,
        addresses: Vec::new(),
    });
}

fn entity(id: u64, whole: bool, parts: &[(u16, u8)]) -> EntityWrite {
    let parts =
        parts.iter().map(|(tag, byte)| Part { tag: PartTag(*tag), body: Blob(vec![*byte]) }).collect();
    EntityWrite { id: EntityId(id), whole, parts }
}

fn in_chunk(chunk: ChunkId, entities: Vec<EntityWrite>) -> ChunkWrite {
    ChunkWrite { chunk, entities }
}

fn at(tick: u64) -> Option<TokenStamp> {
    Some(TokenStamp { tick: Tick(tick), center: A })
}

fn from(tick: u64) -> Option<TokenPoint> {
    Some(TokenPoint { epoch: Epoch(1), tick: Tick(tick) })
}

fn ids(copy: &WorldCopy, chunk: ChunkId) -> Vec<u64> {
    copy.chunks().filter(|(id, _)| *id == chunk).flat_map(|(_, place)| place.ids()).map(|id| id.0).collect()
}

/// A copy at tick 10 with 1 and 2 in chunk A, 4 in chunk B, and 1 and 6 its own.
fn snapshot() -> WorldCopy {
    let mut copy = WorldCopy::new();
    welcomed(1, &mut copy);
    let frame = Frame {
        chunks: vec![
            in_chunk(A, vec![entity(1, true, &[(1, 1), (2, 2)]), entity(2, true, &[(1, 3)])]),
            in_chunk(B, vec![entity(4, true, &[(1, 4)])]),
        ],
        own: OwnWrite {
            roster: None,
            entities: vec![entity(1, true, &[(9, 9)]), entity(6, true, &[(3, 1)])],
        },
        token: at(10),
        ..Frame::default()
    };
    copy.receive(frame).unwrap().unwrap();
    copy
}

#[test]
fn parts_wait_for_the_one_with_the_token() {
    let mut copy = snapshot();
    let first = Frame {
        from: from(10),
        chunks: vec![in_chunk(A, vec![entity(2, false, &[(1, 7)])])],
        ..Frame::default()
    };
    assert_eq!(copy.receive(first), Ok(None));
    assert_eq!(copy.entity(EntityId(2)).unwrap().1[&PartTag(1)], [3], "nothing is applied before the token");
    let last = Frame { from: from(10), token: at(11), ..Frame::default() };
    assert_eq!(copy.receive(last).unwrap().unwrap().tick, Tick(11));
    assert_eq!(copy.entity(EntityId(2)).unwrap().1[&PartTag(1)], [7]);
}

#[test]
fn leaves_of_a_later_part_come_before_enters_of_an_earlier_one() {
    let mut copy = snapshot();
    let enters = Frame {
        from: from(10),
        chunks: vec![in_chunk(A, vec![entity(8, true, &[(1, 1)])])],
        ..Frame::default()
    };
    let leaves = Frame {
        from: from(10),
        rosters: vec![Roster { chunk: A, ids: vec![EntityId(1), EntityId(8)] }],
        token: at(11),
        ..Frame::default()
    };
    copy.receive(enters).unwrap();
    copy.receive(leaves).unwrap().unwrap();
    assert_eq!(ids(&copy, A), [1, 8]);
    assert!(copy.entity(EntityId(2)).is_none());
}

#[test]
fn what_arrives_whole_leaves_where_it_was_and_loses_its_old_parts() {
    let mut copy = snapshot();
    let frame = Frame {
        from: from(10),
        chunks: vec![in_chunk(B, vec![entity(1, true, &[(2, 5)])])],
        token: at(11),
        ..Frame::default()
    };
    copy.receive(frame).unwrap().unwrap();
    assert_eq!((ids(&copy, A), ids(&copy, B)), (vec![2], vec![1, 4]));
    assert_eq!(copy.entity(EntityId(1)).unwrap(), (B, &Parts::from([(PartTag(2), vec![5])])));
    assert_eq!(copy.own().part(EntityId(1), PartTag(9)), Some([9].as_slice()), "its own part is apart");
}

#[test]
fn a_lost_chunk_takes_all_in_it_along() {
    let mut copy = snapshot();
    copy.receive(Frame { from: from(10), lost: vec![A], token: at(11), ..Frame::default() })
        .unwrap()
        .unwrap();
    assert_eq!(copy.entity_count(), 1);
    assert!(copy.entity(EntityId(1)).is_none());
}

#[test]
fn own_things_go_by_their_own_roster() {
    let mut copy = snapshot();
    let frame = Frame {
        from: from(10),
        own: OwnWrite { roster: Some(vec![EntityId(1)]), entities: vec![entity(1, false, &[(9, 8)])] },
        token: at(11),
        ..Frame::default()
    };
    copy.receive(frame).unwrap().unwrap();
    assert_eq!(copy.own().ids().collect::<Vec<_>>(), [EntityId(1)]);
    assert_eq!(copy.own().part(EntityId(1), PartTag(9)), Some([8].as_slice()));
}

#[test]
fn a_snapshot_voids_what_was_there() {
    let mut copy = snapshot();
    let frame = Frame {
        chunks: vec![in_chunk(B, vec![entity(2, true, &[(1, 3)])])],
        token: at(20),
        ..Frame::default()
    };
    copy.receive(frame).unwrap().unwrap();
    assert_eq!((copy.entity_count(), copy.own().is_empty()), (1, true));
}

#[test]
fn a_frame_that_builds_upon_another_point_voids_the_copy() {
    let mut copy = snapshot();
    let frame = Frame { from: from(9), token: at(11), ..Frame::default() };
    let held = from(10);
    assert_eq!(copy.receive(frame), Err(Divergence::OtherBase { held, from: from(9) }));
    assert_eq!(copy.held(), None);
    let next = Frame { from: from(10), token: at(11), ..Frame::default() };
    assert!(copy.receive(next).is_err(), "only a snapshot heals");
}

#[test]
fn a_change_of_something_unknown_is_a_divergence() {
    let mut copy = snapshot();
    let frame = Frame {
        from: from(10),
        chunks: vec![in_chunk(B, vec![entity(2, false, &[(1, 1)])])],
        token: at(11),
        ..Frame::default()
    };
    let expected = Divergence::UnknownEntity { chunk: Some(B), id: EntityId(2) };
    assert_eq!(copy.receive(frame), Err(expected));
}

#[test]
fn a_roster_that_names_somebody_unknown_is_a_divergence() {
    let mut copy = snapshot();
    let frame = Frame {
        from: from(10),
        rosters: vec![Roster { chunk: A, ids: vec![EntityId(1), EntityId(2), EntityId(12)] }],
        token: at(11),
        ..Frame::default()
    };
    assert_eq!(copy.receive(frame), Err(Divergence::Membership { chunk: Some(A) }));
}

#[test]
fn a_wrong_hash_is_a_divergence_and_a_right_one_is_not() {
    let mut copy = snapshot();
    let hash = copy.chunk_hash(A);
    assert_ne!(hash, 0);
    let with = |from, tick, hash| Frame {
        from,
        hashes: vec![ChunkHash { chunk: A, hash }, ChunkHash { chunk: ChunkId(99), hash: 0 }],
        token: at(tick),
        ..Frame::default()
    };
    assert!(copy.receive(with(from(10), 11, hash)).is_ok());
    let wrong = hash.wrapping_add(1);
    let expected = Divergence::Hash { chunk: A, expected: wrong, found: hash };
    assert_eq!(copy.receive(with(from(11), 12, wrong)), Err(expected));
}

#[test]
fn the_copy_outlives_a_restart_and_adopts_the_new_ownership() {
    let mut copy = snapshot();
    welcomed(2, &mut copy);
    assert_eq!(copy.held().unwrap().epoch, Epoch(1), "what is held is still of the old ownership");
    let token = copy.receive(Frame { from: from(10), token: at(40), ..Frame::default() }).unwrap().unwrap();
    assert_eq!((token.epoch, token.tag, token.tick), (Epoch(2), EpochTag(22), Tick(40)));
    assert_eq!(copy.entity_count(), 3);
}

#[test]
fn parts_of_a_lost_connection_are_dropped() {
    let mut copy = snapshot();
    copy.receive(Frame { from: from(10), lost: vec![A], ..Frame::default() }).unwrap();
    welcomed(1, &mut copy);
    copy.receive(Frame { from: from(10), token: at(11), ..Frame::default() }).unwrap().unwrap();
    assert_eq!(copy.entity_count(), 3);
}

#[test]
fn more_parts_than_any_view_has_are_refused() {
    let mut copy = snapshot();
    let body = Blob(vec![0; 1024 * 1024]);
    let part = |id| Frame {
        from: from(10),
        chunks: vec![in_chunk(
            A,
            vec![EntityWrite {
                id: EntityId(id),
                whole: true,
                parts: vec![Part { tag: PartTag(1), body: body.clone() }],
            }],
        )],
        ..Frame::default()
    };
    for id in 20..23 {
        assert_eq!(copy.receive(part(id)), Ok(None));
    }
    assert_eq!(copy.receive(part(23)), Err(Divergence::TooLarge));
}

#[test]
fn differences_name_what_is_missing_and_what_is_too_much() {
    let (copy, mut other) = (snapshot(), snapshot());
    assert!(copy.snapshot_eq(&other) && copy.differences(&other).is_empty());
    other.receive(Frame { from: from(10), lost: vec![B], token: at(11), ..Frame::default() }).unwrap();
    assert!(!copy.snapshot_eq(&other));
    assert_eq!(copy.differences(&other), ["chunk 2: entity 4 should not be there"]);
}

#[test]
fn whatever_differs_after_a_frame_was_touched_by_it() {
    let mut copy = snapshot();
    let touched = |copy: &WorldCopy| {
        let ids: std::collections::BTreeSet<_> = copy.touched().iter().map(|id| id.0).collect();
        ids.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(touched(&copy), [1, 2, 4]);
    let changed = Frame {
        from: from(10),
        lost: vec![B],
        rosters: vec![Roster { chunk: A, ids: vec![EntityId(2), EntityId(8)] }],
        chunks: vec![in_chunk(A, vec![entity(8, true, &[(1, 1)])])],
        token: at(11),
        ..Frame::default()
    };
    copy.receive(changed).unwrap();
    assert_eq!(touched(&copy), [1, 4, 8], "who left, who was in a lost chunk, and who entered");
    copy.receive(Frame { from: from(11), token: at(12), ..Frame::default() }).unwrap();
    assert!(copy.touched().is_empty());
    copy.receive(Frame { token: at(13), ..Frame::default() }).unwrap();
    assert_eq!(touched(&copy), [2, 8], "a snapshot takes everything away first");
}
