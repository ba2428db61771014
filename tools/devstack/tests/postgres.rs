//! What everything else relies on: PostgreSQL comes, goes with us, and comes back from a kill with what it had.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use holdfast_devstack::{Postgres, PostgresOptions, process};
use sqlx::{Connection as _, Executor as _, PgConnection};

/// Set in the process that this test starts from its own executable.
const CHILD: &str = "HOLDFAST_DEVSTACK_TEST_CHILD";

#[test]
fn nothing_is_orphaned_by_kill_9() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    if env::var_os(CHILD).is_some() {
        let postgres = runtime.block_on(Postgres::start(PostgresOptions::default())).unwrap();
        println!("\nstarted {}", postgres.pid().unwrap());
        loop {
            thread::park();
        }
    }
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["nothing_is_orphaned_by_kill_9", "--exact", "--nocapture"])
        .env(CHILD, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let pid = lines
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("started ")?.parse::<u32>().ok())
        .expect("the child starts PostgreSQL");
    let mut family = process::children_of(pid);
    family.push(pid);
    assert!(family.len() > 3, "a PostgreSQL has several processes");
    child.kill().unwrap();
    child.wait().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while family.iter().any(|pid| process::is_alive(*pid)) {
        assert!(Instant::now() < deadline, "orphaned: {:?}", process::command_line(pid));
        thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn a_killed_postgres_comes_back_with_what_was_committed() {
    let mut postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    postgres.create_database("kept", None).await.unwrap();
    let mut connection = PgConnection::connect(&postgres.url("kept")).await.unwrap();
    connection.execute("CREATE TABLE words (word text)").await.unwrap();
    connection.execute("INSERT INTO words VALUES ('said')").await.unwrap();

    let family = process::children_of(postgres.pid().unwrap());
    postgres.kill_group();
    assert!(family.iter().all(|pid| !process::is_alive(*pid)), "its children went with it");
    assert!(connection.execute("SELECT 1").await.is_err());

    postgres.start_again().await.unwrap();
    let mut connection = PgConnection::connect(&postgres.url("kept")).await.unwrap();
    let word: String = sqlx::query_scalar("SELECT word FROM words").fetch_one(&mut connection).await.unwrap();
    assert_eq!(word, "said");
}

#[tokio::test]
async fn a_frozen_postgres_answers_when_it_is_thawed() {
    let postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    let mut connection = PgConnection::connect(&postgres.url("postgres")).await.unwrap();
    postgres.freeze();
    let question = tokio::spawn(async move { connection.execute("SELECT 1").await.is_ok() });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!question.is_finished());
    postgres.thaw();
    assert!(question.await.unwrap());
}

#[tokio::test]
async fn commits_are_as_safe_as_in_production() {
    let postgres = Postgres::shared().await.unwrap();
    let mut connection = PgConnection::connect(&postgres.url("postgres")).await.unwrap();
    for (setting, expected) in
        [("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on"), ("listen_addresses", "")]
    {
        let value: String = sqlx::query_scalar("SELECT current_setting($1)")
            .bind(setting)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(value, expected, "{setting}");
    }
}

#[tokio::test]
async fn dropping_it_leaves_nothing() {
    let postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    let (pid, folder) = (postgres.pid().unwrap(), postgres.folder().path().to_owned());
    drop(postgres);
    assert!(!process::is_alive(pid) && !folder.exists());
}
