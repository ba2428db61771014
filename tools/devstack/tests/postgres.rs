//! What everything else relies on: PostgreSQL comes, goes with us, and comes back from a kill with what it had.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use holdfast_devstack::spawner::{ChildSpec, DeathSignal};
use holdfast_devstack::{DataFolder, Postgres, PostgresOptions, process};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// Set in the process that this test starts from its own executable.
const CHILD: &str = "HOLDFAST_DEVSTACK_TEST_CHILD";

#[test]
fn nothing_is_orphaned_by_kill_9() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    if env::var_os(CHILD).is_some() {
        let postgres = runtime.block_on(Postgres::start(PostgresOptions::default())).unwrap();
        let mut program = ChildSpec::new("sleep", DeathSignal::Kill).arg("600").spawn().unwrap();
        println!("\nstarted {} {}", postgres.pid().unwrap(), program.id());
        // It does not come to that: both are killed first.
        program.wait().unwrap();
        return;
    }
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["nothing_is_orphaned_by_kill_9", "--exact", "--nocapture"])
        .env(CHILD, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let started =
        lines.map_while(Result::ok).find_map(|line| Some(line.strip_prefix("started ")?.to_owned()));
    let mut family: Vec<u32> =
        started.expect("the child starts both").split(' ').map(|pid| pid.parse().unwrap()).collect();
    family.extend(process::children_of(family[0]));
    assert!(family.len() > 4, "a PostgreSQL has several processes");
    assert!(family.iter().all(|pid| process::is_alive(*pid)));
    child.kill().unwrap();
    child.wait().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while family.iter().any(|pid| process::is_alive(*pid)) {
        let left: Vec<_> = family.iter().map(|pid| process::command_line(*pid)).collect();
        assert!(Instant::now() < deadline, "orphaned: {left:?}");
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
async fn one_that_quit_or_lost_a_process_is_down_and_comes_back_with_what_was_committed() {
    let mut postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    let mut connection = PgConnection::connect(&postgres.url("postgres")).await.unwrap();
    connection.execute("CREATE TABLE words (word text)").await.unwrap();
    for (word, quits) in [("quit", true), ("lost", false)] {
        sqlx::query("INSERT INTO words VALUES ($1)").bind(word).execute(&mut connection).await.unwrap();
        let first = postgres.pid().unwrap();
        let family = process::children_of(first);
        if quits {
            postgres.quit_immediately().await.unwrap();
        } else {
            assert!(postgres.kill_one_backend(first).await.is_err(), "that is not one of those that serve");
            let pid: i32 =
                sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut connection).await.unwrap();
            postgres.kill_one_backend(pid.cast_unsigned()).await.unwrap();
        }
        assert_eq!(postgres.pid(), None);
        assert!(!process::is_alive(first) && !family.into_iter().any(process::is_alive));
        assert!(connection.execute("SELECT 1").await.is_err());

        postgres.start_again().await.unwrap();
        connection = PgConnection::connect(&postgres.url("postgres")).await.unwrap();
        let words: Vec<String> =
            sqlx::query_scalar("SELECT word FROM words").fetch_all(&mut connection).await.unwrap();
        assert_eq!(words.last().unwrap(), word);
    }
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
async fn nobody_but_its_own_user_reaches_its_socket() {
    let postgres = Postgres::shared().await.unwrap();
    let socket = fs::metadata(postgres.socket()).unwrap();
    assert_eq!(socket.permissions().mode() & 0o077, 0, "whoever connects is its superuser");
}

#[tokio::test]
async fn a_start_that_nobody_waits_for_any_more_is_stopped_like_any_other() {
    let mut postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    postgres.kill_group();
    tokio::select! {
        biased;
        _ = postgres.start_again() => panic!("it takes longer than that"),
        () = std::future::ready(()) => {}
    }
    let pid = postgres.pid().expect("it is known");
    drop(postgres);
    assert!(!process::is_alive(pid));
}

#[tokio::test]
async fn kept_data_from_before_a_power_failure_names_no_memory_that_may_be_removed() {
    let parent = tempfile::tempdir().unwrap();
    fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let data = DataFolder::open(&parent.path().join("world")).unwrap();
    let mut postgres = Postgres::start_kept(&data).await.unwrap();
    postgres.kill_group();
    // What the file names was this PostgreSQL's; the number has gone to another program since.
    let output = Command::new("ipcmk").args(["--shmem", "64"]).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let id = told.rsplit(' ').next().unwrap().trim().to_owned();
    let pid_file = data.postgres().join("postmaster.pid");
    let text = fs::read_to_string(&pid_file).unwrap();
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines[6] = format!("0 {id}");
    fs::write(&pid_file, lines.join("\n")).unwrap();
    drop(postgres);
    let removed = Command::new("ipcrm").args(["--shmem-id", &id]).status().unwrap();
    assert!(removed.success(), "it was still there");
}

#[tokio::test]
async fn dropping_it_leaves_nothing() {
    let postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    let (pid, folder) = (postgres.pid().unwrap(), postgres.folder().path().to_owned());
    drop(postgres);
    assert!(!process::is_alive(pid) && !folder.exists());
}

#[tokio::test]
async fn a_world_from_before_there_were_roles_is_handed_to_its_owner() {
    let options = PostgresOptions { without_roles: true, ..PostgresOptions::default() };
    let postgres = Postgres::start(options).await.unwrap();
    let as_superuser = async |sql| {
        let mut connection = PgConnection::connect(&postgres.url("kept")).await.unwrap();
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
    };
    let mut connection = PgConnection::connect(&postgres.url("postgres")).await.unwrap();
    connection.execute("CREATE DATABASE kept").await.unwrap();
    as_superuser(
        "CREATE SCHEMA holdfast;
         CREATE TABLE holdfast.\"Words\" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word text);
         INSERT INTO holdfast.\"Words\" (word) VALUES ('said');
         CREATE TYPE holdfast.words_row AS (word text);
         CREATE FUNCTION holdfast.say(a_words holdfast.words_row[]) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';",
    )
    .await;
    as_superuser("CREATE ROLE holdfast_owner LOGIN; CREATE ROLE holdfast_writer LOGIN").await;
    // Twice: the second time there is nothing to do.
    for _ in 0..2 {
        postgres.hand_over("kept").await.unwrap();
    }
    let mut owner = PgConnection::connect(&postgres.owner_url("kept")).await.unwrap();
    owner
        .execute(
            "ALTER TABLE holdfast.\"Words\" ADD COLUMN heard boolean;
             INSERT INTO holdfast.\"Words\" (word) VALUES ('heard');
             DROP FUNCTION holdfast.say; DROP TYPE holdfast.words_row; CREATE TABLE holdfast.more ()",
        )
        .await
        .unwrap();
}
