//! PostgreSQL is killed under a world that is played, and started again, twice: the server stays, its players are told,
//! and nothing that was acknowledged is lost or doubled.

use std::time::Duration;

use holdfast_devstack::{Stack, StackOptions};
use holdfast_tests::door::OPEN_DOOR;
use holdfast_tests::{Door, LedgerBots};

/// How long PostgreSQL is away: longer than the owner trusts itself.
const AWAY: Duration = Duration::from_secs(3);

#[tokio::test]
async fn nothing_is_lost_or_doubled_when_postgresql_dies_twice() {
    let mut options = StackOptions::new("ledger");
    options.environment = OPEN_DOOR.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let mut stack = Stack::start(options).await.unwrap();
    let pid = stack.server.pid();
    let door = Door::of(&stack.server).await.unwrap();
    let bots = LedgerBots::start(&door, &stack.issuer).await.unwrap();
    for _ in 0..2 {
        bots.play_on_since(&bots.told()).await.unwrap();
        let told = bots.told();
        stack.postgres.kill_group();
        tokio::time::sleep(AWAY).await;
        bots.all_are_told_since(&told).await.unwrap();
        stack.postgres.start_again().await.unwrap();
        bots.play_on_since(&bots.told()).await.unwrap();
        assert_eq!((stack.server.exit_status(), stack.server.pid()), (None, pid), "the server stays");
    }
    bots.settle(&stack.database_url()).await.unwrap();
}
