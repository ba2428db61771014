//! What no waiting mends: the server ends with the code that its supervisor goes by, its log says what PostgreSQL said,
//! and a server that is started when it is mended goes on with everything that was acknowledged.

use holdfast_tests::door::PATIENCE;

use crate::stage::{Stage, raise};

/// Starting again at once may help: another server may own the world.
const RESTART: i32 = 75;

/// Somebody has to mend something first.
const MEND: i32 = 1;

/// Does this to the database; the server ends like that, and says so. Then it is mended.
async fn ends(trouble: &[&str], code: i32, says: &[&str], mend: &[&str]) {
    let mut stage = Stage::new(&[]).await;
    let told = stage.bots.told();
    for sql in trouble {
        stage.run(sql).await;
    }
    let status = stage.stack.server.wait_for_exit(PATIENCE).await.unwrap();
    let log = stage.stack.server.log_tail();
    assert_eq!(status.code(), Some(code), "{log}");
    for words in says {
        assert!(log.contains(words), "no {words:?} in {log}");
    }
    let answered = stage.bots.answers_since(&told);
    for sql in mend {
        stage.run(sql).await;
    }
    stage.stack.server.restart().await.unwrap();
    stage.bots.play_on_since(&told).await.unwrap();
    assert!(stage.bots.answers_since(&told) > answered);
    stage.settle().await;
}

#[tokio::test]
async fn a_column_that_is_gone_ends_it_until_somebody_mends_it() {
    ends(
        &["ALTER TABLE holdfast.purses RENAME COLUMN balance TO money"],
        MEND,
        &["42703", "balance"],
        &["ALTER TABLE holdfast.purses RENAME COLUMN money TO balance"],
    )
    .await;
}

#[tokio::test]
async fn corruption_ends_it_until_somebody_mends_it() {
    ends(&[&raise("XX001", 1_000)], MEND, &["XX001"], &["DROP TRIGGER trouble ON holdfast.worlds"]).await;
}

#[tokio::test]
async fn a_right_that_is_taken_away_ends_it() {
    ends(
        &["REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA holdfast FROM holdfast_writer"],
        RESTART,
        &["42501", "permission denied"],
        &["GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA holdfast TO holdfast_writer"],
    )
    .await;
}

#[tokio::test]
async fn a_database_that_has_become_a_replica_ends_it() {
    ends(
        &["ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()"],
        RESTART,
        &["25006", "read-only"],
        &["ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()"],
    )
    .await;
}
