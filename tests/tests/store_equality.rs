//! The model that stands for the store in tests, and the store itself, end in the same tables and say the same errors.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "store_equality/batches.rs"]
mod batches;
#[path = "store_equality/dump.rs"]
mod dump;
#[path = "store_equality/tables.rs"]
mod tables;

use std::collections::BTreeMap;
use std::sync::Arc;

use holdfast::persistence::characters::{Characters, Created};
use holdfast::persistence::loaded::LoadedWorld;
use holdfast::persistence::loader::CharacterLoader;
use holdfast::persistence::postgres::{PostgresStore, read_pool};
use holdfast::persistence::store::{StoreReply, StoreRequest, WorldMark};
use holdfast_front::Account;
use holdfast_protocol::{EntityId, EpochTag};
use holdfast_tests::{FakeStore, TestDatabase};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use batches::BatchMaker;
use dump::dump;
use tables::{TABLES, migrated, open, options};

/// How many batches go through both.
const BATCH_COUNT: usize = 1_000;

/// After how many batches the world is taken anew.
const EPOCH_LENGTH: usize = 200;

fn account(subject: &str) -> Account {
    Account { issuer: "https://issuer.test".into(), subject: subject.into() }
}

/// Takes the world in both stores, and finds the same world.
async fn take_both(database: &TestDatabase, fake: &mut FakeStore, tag: u64) -> (PostgresStore, LoadedWorld) {
    let (real, loaded) = open(options(database), tag).await.unwrap();
    let expected = fake.take_world(EpochTag(tag));
    assert_eq!(format!("{loaded:?}"), format!("{expected:?}"));
    (real, loaded)
}

#[tokio::test]
async fn fake_store_and_flush_tick_end_equal() {
    let database = migrated().await;
    let mut connection = database.connect().await.unwrap();
    let mut fake = FakeStore::new(TABLES);
    let (mut real, mut world) = take_both(&database, &mut fake, 1).await;
    let characters = Characters::new(read_pool(options(&database)), world.world);
    for name in ["Ada", "Bo", "Cleo", "Dora", "Emil"] {
        let made = characters.create(&account("owner"), name, "gardener").await.unwrap();
        assert_eq!(made, fake.create_character(&account("owner"), name, "gardener"), "{name}");
    }

    let mut maker = BatchMaker { random: StdRng::seed_from_u64(812), tables: TABLES };
    let mut outcomes = BTreeMap::<String, usize>::new();
    for number in 1..=BATCH_COUNT {
        let batch = maker.batch(world.world, fake.tables().mark);
        let expected = fake.apply(&batch);
        let reply = real.carry_out(StoreRequest::Flush(Arc::new(batch.clone()))).await;
        let outcome = match (&expected, &reply) {
            (Ok(()), StoreReply::Flushed) => "committed".to_owned(),
            (Err(expected), StoreReply::FlushFailed(found)) => {
                assert_eq!(
                    (expected.class, &expected.sqlstate),
                    (found.class, &found.sqlstate),
                    "batch {number}: {expected} but {found}"
                );
                format!("{:?} {}", found.class, found.sqlstate)
            }
            _ => panic!("batch {number}: expected {expected:?}, found {reply:?}: {batch:?}"),
        };
        *outcomes.entry(outcome).or_default() += 1;
        if number % 20 == 0 {
            let found = dump(&mut connection, world.world).await;
            // One by one, so that a difference is told in as many words as it needs.
            let expected = fake.tables();
            assert_eq!(found.journal, expected.journal, "the journal after batch {number}");
            assert_eq!(found.journal_entities, expected.journal_entities, "its index after batch {number}");
            assert_eq!(found.row_images, expected.row_images, "the images after batch {number}");
            assert_eq!(found.chat, expected.chat, "the chat after batch {number}");
            assert_eq!(found, *expected, "after batch {number}");
        }
        if number % EPOCH_LENGTH == 0 {
            drop(real);
            (real, world) = take_both(&database, &mut fake, 1 + number as u64).await;
        }
    }

    let found: Vec<_> = outcomes.keys().map(String::as_str).collect();
    let all = [
        "Fenced GW001",
        "Fenced GW002",
        "Permanent ",
        "Permanent 22021",
        "Permanent 23502",
        "Permanent 23514",
        "committed",
    ];
    assert_eq!(found, all, "every outcome was met: {outcomes:?}");
    let loader = CharacterLoader::new(read_pool(options(&database)), world.world, TABLES);
    let since = WorldMark { epoch: world.epoch, tag: world.tag, tick: world.tick };
    for id in (1..10).map(EntityId) {
        for owner in ["owner", "stranger"] {
            let found = loader.load(id, account(owner), since).await;
            assert_eq!(found, fake.load_character(id, &account(owner)), "character {id} of {owner}");
        }
    }
    assert_eq!(fake.create_character(&account("other"), "Ada", "gardener"), Created::NameTaken);
}
