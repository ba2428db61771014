//! The disk is full under a world that is played: under its tables, or under the log of what is committed, which is
//! PostgreSQL's end. Nothing is acknowledged meanwhile, and it goes on by itself when there is room.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::time::{Duration, Instant};

use holdfast_client::Client;
use holdfast_devstack::{Folder, PostgresOptions, Stack, StackOptions};
use holdfast_tests::door::{Ledger, OPEN_DOOR, PATIENCE};
use holdfast_tests::{Door, EventLog, LedgerBots, Resident, SmallDisk};
use sqlx::{Connection as _, Executor as _, PgConnection};

/// Room for an empty PostgreSQL's tables, and some more.
const DATA_MIB: u32 = 96;

/// Room for its log: for six files, of which a new PostgreSQL fills one or two.
const WAL_MIB: u32 = 96;

/// How long a disk stays full while it is watched.
const FULL: Duration = Duration::from_secs(3);

/// How many come in while the disk is full: the rows of a character that has never played fill a sixth of a page, and
/// so many need pages that there are not.
const NEWCOMER_COUNT: usize = 24;

/// What may still come after the first word of trouble: it was committed before.
const ON_ITS_WAY: Duration = Duration::from_millis(500);

async fn start(postgres: PostgresOptions) -> (Stack, Door, LedgerBots) {
    let mut options = StackOptions::new("ledger");
    options.environment = OPEN_DOOR.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    options.postgres = postgres;
    let stack = Stack::start(options).await.unwrap();
    let door = Door::of(&stack.server).await.unwrap();
    let bots = LedgerBots::start(&door, &stack.issuer).await.unwrap();
    bots.play_on_since(&bots.told()).await.unwrap();
    (stack, door, bots)
}

/// Nobody is answered for a while.
async fn nothing_is_acknowledged(bots: &LedgerBots) {
    tokio::time::sleep(ON_ITS_WAY).await;
    let told = bots.told();
    tokio::time::sleep(FULL).await;
    assert_eq!(bots.answers_since(&told), 0, "acknowledged on a full disk");
}

/// People whose characters are made, and who have never played.
async fn residents(stack: &Stack, door: &Door) -> Vec<Resident> {
    let mut residents = Vec::new();
    for letter in (b'a'..=b'z').take(NEWCOMER_COUNT) {
        let name = format!("New{}", char::from(letter));
        residents.push(door.newcomer(&stack.issuer, &name, "account").await.unwrap());
    }
    residents
}

#[tokio::test]
async fn a_full_disk_under_the_tables_pauses_the_world_until_there_is_room() {
    let Some(disk) = SmallDisk::mount(DATA_MIB).unwrap() else { return };
    let elsewhere = Folder::create().unwrap();
    let postgres = PostgresOptions {
        data: Some(disk.folder("data").unwrap()),
        wal: Some(elsewhere.subfolder("wal").unwrap()),
        ..Default::default()
    };
    let (mut stack, door, bots) = start(postgres).await;
    let residents = residents(&stack, &door).await;
    bots.play_on_since(&bots.told()).await.unwrap();

    let told = bots.told();
    disk.fill().unwrap();
    let newcomers: Vec<Client<Ledger>> =
        residents.iter().map(|who| door.play(who, EventLog::default().observer())).collect();
    bots.all_are_told_since(&told).await.unwrap();
    nothing_is_acknowledged(&bots).await;
    assert!(stack.postgres.log_tail().contains("No space left on device"), "{}", stack.postgres.log_tail());
    assert_eq!(stack.server.exit_status(), None, "the server waits");
    assert_eq!(stack.postgres.take_exit().unwrap(), None, "and so does PostgreSQL");

    let told = bots.told();
    disk.free().unwrap();
    bots.play_on_since(&told).await.unwrap();
    for client in &newcomers {
        assert!(client.wait_playing(PATIENCE).await, "whoever came in meanwhile is in");
    }
    bots.settle(&stack.database_url()).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_under_the_log_of_commits_loses_nothing_that_was_acknowledged() {
    let Some(disk) = SmallDisk::mount(WAL_MIB).unwrap() else { return };
    let postgres = PostgresOptions {
        wal: Some(disk.folder("wal").unwrap()),
        // No file of it is used again, so each further one needs room.
        settings: vec![("wal_keep_size".to_owned(), "1GB".to_owned())],
        ..Default::default()
    };
    let (mut stack, _door, bots) = start(postgres).await;
    let mut owner = PgConnection::connect(&stack.database_url()).await.unwrap();
    let told = bots.told();
    disk.fill().unwrap();
    // Each switch begins a file of the log; at last there is no room for one more.
    let deadline = Instant::now() + PATIENCE;
    while stack.postgres.take_exit().unwrap().is_none() {
        let _ = owner.execute("SELECT pg_switch_wal()").await;
        assert!(Instant::now() < deadline, "it goes on:\n{}", stack.postgres.log_tail());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bots.all_are_told_since(&told).await.unwrap();
    nothing_is_acknowledged(&bots).await;
    assert!(stack.postgres.log_tail().contains("PANIC"), "{}", stack.postgres.log_tail());
    // As long as there is no room it does not come up.
    assert!(stack.postgres.start_again().await.is_err());
    assert_eq!(stack.server.exit_status(), None, "the server waits");

    let told = bots.told();
    disk.free().unwrap();
    stack.postgres.start_again().await.unwrap();
    bots.play_on_since(&told).await.unwrap();
    bots.settle(&stack.database_url()).await.unwrap();
}
