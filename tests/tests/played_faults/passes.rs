//! What is over within a quarter of a second: nobody is told, and nobody would know what to do about it.

use std::time::Duration;

use sqlx::{Connection as _, Executor as _};

use crate::stage::{Stage, WRITER, raise};

/// How often a trouble is made anew where somebody was told of it after all: a busy machine may stand still for a quarter
/// of a second by itself.
const ATTEMPT_COUNT: u32 = 8;

/// How long bots go on to be watched after a trouble.
const AFTER: Duration = Duration::from_millis(600);

/// Makes the trouble, and expects that it is over before anybody is told.
async fn passes(stage: &mut Stage, trouble: &str) {
    for _ in 0..ATTEMPT_COUNT {
        let told = stage.bots.told();
        stage.run(trouble).await;
        tokio::time::sleep(AFTER).await;
        let (paused, lost) = (stage.bots.paused_since(&told), stage.bots.lost_since(&told));
        stage.plays_on().await;
        if (paused, lost) == (0, 0) {
            return;
        }
    }
    panic!("somebody was told each time: {trouble}");
}

#[tokio::test]
async fn nobody_is_told_of_what_passes() {
    let mut stage = Stage::new(&[("deadlock_timeout", "20ms")]).await;
    for (sqlstate, count) in
        [("40001", 2), ("40P01", 2), ("55P03", 2), ("53100", 1), ("53200", 1), ("57014", 1), ("58030", 1)]
    {
        passes(&mut stage, &raise(sqlstate, count)).await;
    }
    passes(&mut stage, &format!("SELECT pg_cancel_backend(pid) {WRITER}")).await;
    deadlock(&mut stage).await;
    stage.settle().await;
}

/// A session that has the bots' purses and wants the world's row, which the flush has that wants a purse.
async fn deadlock(stage: &mut Stage) {
    for _ in 0..ATTEMPT_COUNT {
        let told = stage.bots.told();
        let mut other = stage.connect().await;
        // The flush finds out first, and is the one that gives way.
        other
            .execute("SET deadlock_timeout = '30s'; BEGIN; SELECT FROM holdfast.purses FOR UPDATE")
            .await
            .unwrap();
        stage.until_the_flush_waits().await;
        other.execute("SELECT FROM holdfast.worlds FOR UPDATE; ROLLBACK").await.unwrap();
        other.close().await.unwrap();
        tokio::time::sleep(AFTER).await;
        let paused = stage.bots.paused_since(&told);
        stage.plays_on().await;
        if paused == 0 {
            break;
        }
    }
    let deadlocks: i64 =
        sqlx::query_scalar("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            .fetch_one(&mut stage.connect().await)
            .await
            .unwrap();
    assert!(deadlocks > 0, "there was no deadlock");
}
