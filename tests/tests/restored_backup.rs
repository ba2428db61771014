//! A world is restored from a backup that was made while it was played: those who played on afterwards come back with
//! answers that are no longer true, with tokens of a history that is lost and with actions that follow from nothing.
//! Each gets a snapshot and the reason for it, an honest word on each unanswered action, and plays on.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "restored_backup/backup.rs"]
mod backup;

use std::time::Duration;

use holdfast_client::{Client, ClientCore, ClientEvent, Ending, WorldCopy};
use holdfast_devstack::{Stack, StackOptions};
use holdfast_protocol::{ActionName, Code, EntityId, ResyncKind, Seq};
use holdfast_tests::door::{Ledger, OPEN_DOOR, PATIENCE};
use holdfast_tests::{Door, EventLog, Resident};
use ledger::action::{Append, Transfer, Verb};
use ledger_reading::tape_ids;
use sqlx::{Connection as _, PgConnection};

use backup::Backup;

struct Person {
    who: Resident,
    client: Client<Ledger>,
    log: EventLog,
}

impl Person {
    async fn new(stack: &Stack, door: &Door, name: &str) -> Self {
        let who = door.newcomer(&stack.issuer, name, "account").await.unwrap();
        let log = EventLog::default();
        let client = door.play(&who, log.observer());
        assert!(client.wait_playing(PATIENCE).await, "{name} plays");
        Self { who, client, log }
    }

    fn give(&self, to: EntityId, amount: i64) -> ActionName {
        self.client.act(&Verb::Transfer(Transfer { to, amount })).unwrap()
    }

    async fn settled(&self) {
        assert!(self.client.wait_settled(PATIENCE).await, "every action is answered or given up");
    }

    /// How the client came in, each time.
    fn resyncs(&self) -> Vec<(ResyncKind, Seq)> {
        let welcomed = |event| match event {
            ClientEvent::Welcomed(welcomed) => Some((welcomed.resync, welcomed.last_seq)),
            _ => None,
        };
        self.log.all().into_iter().filter_map(welcomed).collect()
    }

    /// What it was told to give up.
    fn given_up(&self) -> Vec<(ActionName, Code)> {
        let gone = |event| match event {
            ClientEvent::GaveUp(gone) => Some((gone.action, gone.code)),
            _ => None,
        };
        self.log.all().into_iter().filter_map(gone).collect()
    }

    fn tape(&self) -> EntityId {
        self.client.view(tape_ids)[0]
    }
}

async fn balance(stack: &Stack, who: &Person) -> i64 {
    let mut database = PgConnection::connect(&stack.database_url()).await.unwrap();
    sqlx::query_scalar("SELECT balance FROM holdfast.purses WHERE entity = $1")
        .bind(who.who.character.0.cast_signed())
        .fetch_one(&mut database)
        .await
        .unwrap()
}

/// The two see the same, and what they see has been right at every hash since they came in.
async fn copies_are_right(one: &Person, newcomer: &Person) {
    let chunks =
        |copy: &WorldCopy| -> Vec<_> { copy.chunks().map(|(id, place)| (id, place.clone())).collect() };
    let alike = one.client.wait_until(PATIENCE, |copy| chunks(copy) == newcomer.client.view(chunks)).await;
    assert!(alike, "{:?}", one.client.view(|copy| newcomer.client.view(|fresh| copy.differences(fresh))));
    let tick = one.client.view(|copy| copy.held().unwrap().tick);
    assert!(one.client.wait_until(PATIENCE, |copy| copy.held().unwrap().tick.since(tick) > 80).await);
    assert_eq!(one.client.core(ClientCore::divergence_count), 0);
}

/// All of it, with a backup that is made in one way or another.
async fn lose_a_future(backup: Backup) {
    let mut options = StackOptions::new("ledger");
    options.environment = OPEN_DOOR.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let mut stack = Stack::start(options).await.unwrap();
    let door = Door::of(&stack.server).await.unwrap();
    let ada = Person::new(&stack, &door, "Ada").await;
    let bob = Person::new(&stack, &door, "Bob").await;
    for _ in 0..5 {
        ada.give(bob.who.character, 10);
    }
    ada.settled().await;
    backup.make(&mut stack).await;

    // What is lost: twelve transfers and a token that were acknowledged, somebody new, and what has no answer yet.
    let tape = ada.tape();
    for _ in 0..12 {
        ada.give(bob.who.character, 1);
    }
    ada.client.act(&Verb::Append(Append { tape, token: 7 })).unwrap();
    ada.settled().await;
    let cleo = Person::new(&stack, &door, "Cleo").await;
    assert_eq!(balance(&stack, &ada).await, 938);
    stack.server.kill9();
    let unanswered: Vec<_> = (0..3).map(|_| ada.give(bob.who.character, 100)).collect();
    backup.restore(&mut stack).await;
    assert_eq!(balance(&stack, &ada).await, 950);
    stack.server.restart().await.unwrap();

    ada.settled().await;
    let gap: Vec<_> = unanswered.iter().map(|action| (*action, Code::SEQ_GAP)).collect();
    assert_eq!(ada.given_up(), gap, "it is told of each that it was not done");
    assert_eq!(ada.resyncs().last(), Some(&(ResyncKind::SnapshotUnknownEpoch, Seq(5))));
    assert_eq!(balance(&stack, &ada).await, 950, "nothing of it was done");
    assert!(bob.client.wait_until(PATIENCE, |copy| copy.held().is_some()).await);
    let deadline = std::time::Instant::now() + PATIENCE;
    while bob.resyncs().last() != Some(&(ResyncKind::SnapshotUnknownEpoch, Seq(0))) {
        assert!(std::time::Instant::now() < deadline, "{:?}", bob.resyncs());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let ending = cleo.client.wait_ending(PATIENCE).await;
    assert!(
        matches!(ending, Some(Ending::Refused(error)) if error.code == Code::NO_SUCH_CHARACTER),
        "{ending:?}"
    );

    // It goes on behind what the world remembers, and both see what somebody sees who is new.
    let next = ada.give(bob.who.character, 50);
    assert_eq!(next.seq, Seq(6));
    ada.settled().await;
    assert!(ada.log.only_verdict(next).is_accepted());
    assert_eq!(balance(&stack, &ada).await, 900);
    let dan = Person::new(&stack, &door, "Dan").await;
    copies_are_right(&ada, &dan).await;
    copies_are_right(&bob, &dan).await;
    // From here on a token outlives a restart as any other does.
    stack.server.restart().await.unwrap();
    let last = ada.give(bob.who.character, 1);
    assert!(ada.client.wait_verdict(last, PATIENCE).await.is_some());
    assert_eq!(ada.resyncs().last(), Some(&(ResyncKind::Delta, Seq(6))));
}

/// Made in the midst of an ownership: that has the same number and tag in the world that is restored.
#[tokio::test]
async fn a_dump_that_is_restored_is_told_from_the_world_that_was_lost() {
    lose_a_future(Backup::Dump).await;
}

/// Made between two ownerships: the one that is lost and the one that follows the backup have the same number.
#[tokio::test]
async fn a_copy_of_the_database_is_told_from_the_world_that_was_lost() {
    lose_a_future(Backup::Copy).await;
}
