//! However a client came to its copy, it is what a fresh snapshot would be.
//!
//! A random world goes on under several clients: they are slow, drop, come back with their tokens, take their own
//! characters over, lose copies; commits come late and several at a time; the world is restarted and forgets what was
//! not committed. After every token that a client adopts, its copy must be what the model says of that tick.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::chain::{CLIENT_COUNT, Chain, Op, Step};
use crate::model::{CHUNK_COUNT, PARTS};

fn op() -> impl Strategy<Value = Op> {
    let (thing, by, part) = (0..40_usize, 0..CLIENT_COUNT, 0..PARTS.len());
    let chunk = 0..CHUNK_COUNT;
    prop_oneof![
        3 => (chunk.clone(), any::<bool>()).prop_map(|(chunk, durable)| Op::Spawn { chunk, durable }),
        5 => (thing.clone(), chunk.clone()).prop_map(|(thing, chunk)| Op::Walk { thing, chunk }),
        6 => (thing.clone(), part.clone(), any::<u8>())
            .prop_map(|(thing, part, value)| Op::Set { thing, part, value }),
        2 => (thing.clone(), part).prop_map(|(thing, part)| Op::Strip { thing, part }),
        3 => (thing.clone(), by.clone()).prop_map(|(thing, by)| Op::PickUp { thing, by }),
        3 => (thing.clone(), chunk).prop_map(|(thing, chunk)| Op::PutDown { thing, chunk }),
        1 => (thing.clone(), by).prop_map(|(thing, by)| Op::Claim { thing, by }),
        2 => thing.prop_map(|thing| Op::Die { thing }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let client = 0..CLIENT_COUNT;
    prop_oneof![
        20 => prop::collection::vec(op(), 0..6).prop_map(Step::Tick),
        12 => (1..4_usize).prop_map(Step::Commit),
        12 => client.clone().prop_map(Step::Read),
        6 => Just(Step::ReadAll),
        8 => client.clone().prop_map(Step::Come),
        3 => client.clone().prop_map(Step::Drop),
        1 => client.clone().prop_map(Step::Leave),
        1 => client.prop_map(Step::LoseCopy),
        1 => Just(Step::Wait),
        2 => Just(Step::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(4),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn delta_chain_equals_snapshot(steps in prop::collection::vec(step(), 1..120)) {
        let mut chain = Chain::new();
        steps.iter().for_each(|step| chain.play(step));
        chain.settle();
        prop_assert!(chain.token_count >= CLIENT_COUNT);
    }
}

/// What the random chain must have met to be worth anything: clients that came back, also to the next owner, and got
/// a delta.
#[test]
fn a_chain_over_a_restart_goes_on_by_deltas() {
    let mut chain = Chain::new();
    let spawn =
        Step::Tick((0..8).map(|chunk| Op::Spawn { chunk: chunk % CHUNK_COUNT, durable: true }).collect());
    chain.play(&spawn);
    chain.settle();
    assert_eq!(chain.delta_count, 0);
    chain.play(&Step::Restart);
    chain.play(&Step::Tick(vec![Op::Walk { thing: 0, chunk: 2 }, Op::Die { thing: 3 }]));
    chain.settle();
    assert_eq!(chain.delta_count, CLIENT_COUNT);
}
