//! What takes longer: the world pauses, says so, and goes on by itself when it is over.

use std::time::{Duration, Instant};

use holdfast_devstack::process;
use holdfast_tests::door::PATIENCE;
use rustix::process::Signal;
use sqlx::{AssertSqlSafe, Executor as _};

use crate::stage::{Stage, WRITER, raise};

/// How long a trouble lasts: longer than anybody waits without a word.
const TROUBLE: Duration = Duration::from_millis(1_500);

/// A lock on the world's row, for as long as `meanwhile` takes.
async fn while_the_row_is_locked(stage: &mut Stage, meanwhile: impl AsyncFnOnce(&Stage)) {
    let told = stage.bots.told();
    let mut other = stage.connect().await;
    other.execute("BEGIN; SELECT FROM holdfast.worlds FOR UPDATE").await.unwrap();
    stage.until_the_flush_waits().await;
    meanwhile(stage).await;
    stage.bots.all_are_told_since(&told).await.unwrap();
    drop(other);
    stage.plays_on().await;
}

#[tokio::test]
async fn the_world_pauses_while_a_row_is_locked_and_whatever_is_done_to_the_flush_that_waits() {
    let mut stage = Stage::new(&[]).await;
    // It gives up after two seconds, and tries again.
    while_the_row_is_locked(&mut stage, async |_| tokio::time::sleep(Duration::from_secs(3)).await).await;
    for done_to_it in ["pg_cancel_backend", "pg_terminate_backend"] {
        let done = format!("SELECT {done_to_it}(pid) {WRITER}");
        while_the_row_is_locked(&mut stage, async |stage| {
            stage.run(&done).await;
            tokio::time::sleep(TROUBLE).await;
        })
        .await;
    }
    stage.settle().await;
}

#[tokio::test]
async fn the_world_pauses_while_the_store_lacks_something() {
    let mut stage = Stage::new(&[]).await;
    for sqlstate in ["53200", "53100", "58030"] {
        let told = stage.bots.told();
        stage.run(&raise(sqlstate, 1_000)).await;
        stage.bots.all_are_told_since(&told).await.unwrap();
        let told = stage.bots.told();
        tokio::time::sleep(TROUBLE).await;
        assert_eq!(stage.bots.answers_since(&told), 0, "acknowledged without a commit");
        stage.run("DROP TRIGGER trouble ON holdfast.worlds").await;
        stage.plays_on().await;
    }
    // The connection is lost, and for a while there is no place for another.
    let told = stage.bots.told();
    stage.run("ALTER ROLE holdfast_writer CONNECTION LIMIT 0").await;
    stage.run(&format!("SELECT pg_terminate_backend(pid) {WRITER}")).await;
    stage.bots.all_are_told_since(&told).await.unwrap();
    stage.run("ALTER ROLE holdfast_writer CONNECTION LIMIT -1").await;
    stage.plays_on().await;
    stage.settle().await;
}

/// How PostgreSQL is made to end.
#[derive(Clone, Copy, Debug)]
enum End {
    /// In order: sessions are ended, and what is in memory is written.
    Fast,
    /// At once, as SIGQUIT does: nothing is written.
    Immediate,
    /// One backend is killed, and takes all of them with it.
    KilledBackend,
    /// Everything is killed.
    Killed,
}

async fn end(stage: &mut Stage, how: End) {
    match how {
        End::Fast => stage.stack.postgres.shut_down(PATIENCE).await.unwrap(),
        End::Killed => stage.stack.postgres.kill_group(),
        End::Immediate => {
            process::send(stage.stack.postgres.pid().unwrap(), Signal::QUIT);
            until_it_has_ended(stage).await;
        }
        End::KilledBackend => {
            let writer: i32 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT pid {WRITER}")))
                .fetch_one(&mut stage.connect().await)
                .await
                .unwrap();
            process::send(writer.try_into().unwrap(), Signal::KILL);
            until_it_has_ended(stage).await;
        }
    }
}

async fn until_it_has_ended(stage: &mut Stage) {
    let deadline = Instant::now() + PATIENCE;
    while stage.stack.postgres.take_exit().unwrap().is_none() {
        assert!(Instant::now() < deadline, "it runs on");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn the_world_pauses_while_postgresql_is_away_however_it_went() {
    let mut stage = Stage::new(&[]).await;
    for how in [End::Fast, End::Immediate, End::KilledBackend, End::Killed] {
        let told = stage.bots.told();
        end(&mut stage, how).await;
        stage.bots.all_are_told_since(&told).await.unwrap();
        stage.stack.postgres.start_again().await.unwrap();
        stage.plays_on().await;
    }
    stage.settle().await;
}

/// As most are set up: a backend that is killed costs a recovery, which PostgreSQL begins by itself.
#[tokio::test]
async fn the_world_outlives_a_recovery_that_nobody_has_to_begin() {
    let mut stage = Stage::new(&[("restart_after_crash", "on")]).await;
    for _ in 0..3 {
        let writer: i32 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT pid {WRITER}")))
            .fetch_one(&mut stage.connect().await)
            .await
            .unwrap();
        process::send(writer.try_into().unwrap(), Signal::KILL);
        stage.plays_on().await;
    }
    let recovered = std::fs::read_to_string(stage.stack.postgres.log()).unwrap();
    assert_eq!(recovered.matches("all server processes terminated; reinitializing").count(), 3);
    stage.settle().await;
}
