//! `doctor` says of each thing that a server needs how it is and what to do, and changes nothing.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "store_boot/pooler.rs"]
mod pooler;

use holdfast_devstack::postgres::PostgresOptions;
use holdfast_devstack::server::{binary::binary, free_port};
use holdfast_devstack::{Folder, Issuer, Postgres, migrate};
use holdfast_tests::{TestDatabase, TestServer};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tokio::process::Command;

use pooler::{Next, TransactionPooler};

/// What nobody may ever read.
const PASSWORD: &str = "correct-horse-canary";

/// What a doctor said.
struct Said {
    code: i32,
    json: Value,
    /// Everything that it printed.
    text: String,
}

impl Said {
    /// The marks and sentences of one check, each with what to do.
    fn of(&self, check: &str) -> String {
        let findings = self.json["findings"].as_array().unwrap();
        let of_it = findings.iter().filter(|finding| finding["check"] == check);
        of_it.map(|found| format!("{} {} {}\n", found["mark"], found["says"], found["todo"])).collect()
    }

    fn must_mend(&self, check: &str, says: &str) {
        let found = self.of(check);
        assert!(found.contains("must_mend") && found.contains(says), "{check}, {says}: {}", self.text);
        assert_eq!((self.code, &self.json["ok"]), (1, &Value::Bool(false)));
    }

    fn would_start(&self) {
        assert_eq!((self.code, &self.json["ok"]), (0, &Value::Bool(true)), "{}", self.text);
    }
}

/// Runs `village doctor` with these settings and a free port.
async fn doctor(database_url: &str, issuer_url: &str, more: &[(&str, &str)]) -> Said {
    let output = Command::new(binary("village").unwrap())
        .args(["doctor", "--json"])
        .env("DATABASE_URL", database_url)
        .env("HOLDFAST_ISSUER", issuer_url)
        .env("HOLDFAST_LISTEN", free_port().unwrap().to_string())
        .env("HOLDFAST_STAFF_LISTEN", free_port().unwrap().to_string())
        .envs(more.iter().copied())
        .output()
        .await
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let json = serde_json::from_str(&text).unwrap_or_else(|error| {
        panic!("no JSON ({error}): {text} {}", String::from_utf8_lossy(&output.stderr))
    });
    Said { code: output.status.code().unwrap(), json, text }
}

async fn run(database: &TestDatabase, sql: &str) {
    database.connect().await.unwrap().execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
}

#[tokio::test]
async fn all_is_well_with_a_migrated_database_and_nothing_is_changed_in_it() {
    let (database, issuer) = (TestDatabase::of("village").await.unwrap(), Issuer::start().await.unwrap());
    let said = doctor(&database.url(), issuer.url(), &[]).await;
    said.would_start();
    assert!(!said.text.contains("warning"), "{}", said.text);
    for check in [
        "settings",
        "database.reached",
        "database.settings",
        "database.identity",
        "database.pooler",
        "database.schema",
        "database.owner",
        "world",
        "database.rights",
        "database.readers",
        "database.lock",
        "database.terminate",
        "database.commit",
        "clocks",
        "issuer.discovery",
        "issuer.keys",
        "page",
        "port",
        "staff_port",
    ] {
        assert!(said.of(check).starts_with("\"ok\""), "{check}: {}", said.text);
    }
    let mut connection = database.connect().await.unwrap();
    let worlds: i64 =
        sqlx::query_scalar("SELECT count(*) FROM holdfast.worlds").fetch_one(&mut connection).await.unwrap();
    assert_eq!(worlds, 0, "not even the world was made");
}

#[tokio::test]
async fn beside_a_running_server_it_says_who_owns_the_world() {
    let world = TestServer::start("village").await.unwrap();
    let listen = world.server.url().strip_prefix("http://").unwrap().to_owned();
    let listen = [("HOLDFAST_LISTEN", listen.as_str())];
    let said = doctor(&world.database.url(), world.issuer.url(), &listen).await;
    said.would_start();
    assert!(said.of("world").contains("is owned by"), "{}", said.text);
    assert!(said.of("port").contains("Fine where it is this server"), "{}", said.text);
}

#[tokio::test]
async fn a_database_that_is_not_there_is_told_apart_and_never_with_its_password() {
    let issuer = Issuer::start().await.unwrap();
    let port = free_port().unwrap().port();
    let nowhere = format!("postgres://holdfast_writer:{PASSWORD}@127.0.0.1:{port}/world");
    let said = doctor(&nowhere, issuer.url(), &[]).await;
    said.must_mend("database.reached", "Cannot reach the database world at 127.0.0.1");
    assert!(!said.text.contains(PASSWORD), "{}", said.text);
    let shared = Postgres::shared().await.unwrap();
    let said = doctor(&shared.writer_url("no_such_database"), issuer.url(), &[]).await;
    said.must_mend("database.reached", "CREATE DATABASE");
    let broken = format!("postgres://holdfast_writer:{PASSWORD}@[::1/world");
    let said = doctor(&broken, issuer.url(), &[]).await;
    said.must_mend("database", "not a PostgreSQL address");
    assert!(!said.text.contains(PASSWORD), "{}", said.text);
}

#[tokio::test]
async fn what_a_login_may_and_may_not_do_is_named_right_by_right() {
    let (database, issuer) = (TestDatabase::of("village").await.unwrap(), Issuer::start().await.unwrap());
    for (url, says) in [
        (database.postgres().url(database.name()), "everything, as a superuser"),
        (database.owner_url(), "everything in the schema holdfast, which is its own"),
        (database.postgres().reader_url(database.name()), "lacks EXECUTE on function holdfast.flush_tick"),
    ] {
        doctor(&url, issuer.url(), &[]).await.must_mend("database.rights", says);
    }
    run(&database, "GRANT INSERT ON holdfast.items TO holdfast_writer").await;
    run(&database, "REVOKE EXECUTE ON FUNCTION holdfast.take_world FROM holdfast_writer").await;
    run(&database, "GRANT TRUNCATE ON holdfast.items TO holdfast_reader").await;
    let said = doctor(&database.url(), issuer.url(), &[]).await;
    said.must_mend("database.rights", "INSERT on table holdfast.items");
    said.must_mend("database.rights", "lacks EXECUTE on function holdfast.take_world");
    assert!(said.of("database.readers").contains("REVOKE TRUNCATE ON holdfast.items"), "{}", said.text);
    migrate("village", &database.owner_url(), database.postgres().folder().path()).await.unwrap();
    doctor(&database.url(), issuer.url(), &[]).await.would_start();
    run(&database, "REVOKE USAGE ON SCHEMA holdfast FROM holdfast_writer").await;
    let said = doctor(&database.url(), issuer.url(), &[]).await;
    said.must_mend("database.schema", "HOLDFAST_WRITER_ROLE");
}

#[tokio::test]
async fn tables_that_are_not_those_of_this_build_are_named() {
    let (database, issuer) = (TestDatabase::of("village").await.unwrap(), Issuer::start().await.unwrap());
    run(&database, "ALTER TABLE holdfast.items ALTER COLUMN count TYPE bigint").await;
    run(&database, "DELETE FROM holdfast.game_migrations").await;
    let said = doctor(&database.url(), issuer.url(), &[]).await;
    said.must_mend("database.schema", "table items, column count");
    said.must_mend("database.schema", "create_components");
    let empty = TestDatabase::empty().await.unwrap();
    doctor(&empty.url(), issuer.url(), &[]).await.must_mend("database.schema", "no holdfast schema");
}

#[tokio::test]
async fn a_server_that_could_lose_commits_is_found_with_every_reason() {
    let issuer = Issuer::start().await.unwrap();
    let settings = ["fsync", "full_page_writes", "synchronous_commit"];
    let settings = settings.map(|name| (name.to_owned(), "off".to_owned())).to_vec();
    let options = PostgresOptions { settings, ..PostgresOptions::default() };
    let postgres = Postgres::start(options).await.unwrap();
    postgres.create_database("world", None).await.unwrap();
    migrate("village", &postgres.owner_url("world"), postgres.folder().path()).await.unwrap();
    let url = postgres.writer_url("world");
    let said = doctor(&url, issuer.url(), &[]).await;
    for says in ["set fsync = on", "set full_page_writes = on", "synchronous_commit is off"] {
        said.must_mend("database.settings", says);
    }
    let elsewhere = [("HOLDFAST_DURABILITY_ELSEWHERE", "a replicated volume")];
    let said = doctor(&url, issuer.url(), &elsewhere).await;
    let found = said.of("database.settings");
    assert!(!found.contains("fsync = on") && found.contains("a replicated volume"), "{}", said.text);
    said.must_mend("database.settings", "synchronous_commit is off");
}

#[tokio::test]
async fn a_transaction_pooler_is_recognised() {
    let (database, issuer) = (TestDatabase::of("village").await.unwrap(), Issuer::start().await.unwrap());
    for (size, next) in [(2, Next::Last), (3, Next::First)] {
        let folder = Folder::create().unwrap();
        let pooler = TransactionPooler::start(folder.path(), database.postgres().socket(), size, next).await;
        let said = doctor(&pooler.url(&database), issuer.url(), &[]).await;
        assert_eq!(said.code, 1, "{}", said.text);
        assert!(said.text.contains("pool_mode = transaction"), "{}", said.text);
    }
}

#[tokio::test]
async fn an_issuer_or_a_page_that_will_not_do_is_found() {
    let database = TestDatabase::of("village").await.unwrap();
    let nobody = format!("http://{}", free_port().unwrap());
    let said = doctor(&database.url(), &nobody, &[]).await;
    said.must_mend("issuer.discovery", "does not say where its keys are");
    let said = doctor(&database.url(), "http://id.example.org", &[]).await;
    said.must_mend("issuer", "must be an https address");
    let issuer = Issuer::start().await.unwrap();
    let said = doctor(&database.url(), issuer.url(), &[("HOLDFAST_PAGE", "/nowhere")]).await;
    said.must_mend("page", "HOLDFAST_ORIGINS");
}

#[tokio::test]
async fn a_world_that_has_moved_is_reported_by_doctor_and_by_the_next_start() {
    let mut world = TestServer::start("village").await.unwrap();
    run(&world.database, "UPDATE holdfast.world_stores SET system_identifier = '7'").await;
    let said = doctor(&world.database.url(), world.issuer.url(), &[]).await;
    said.would_start();
    assert!(said.of("world.place").contains("last kept by system 7"), "{}", said.text);
    world.server.restart().await.unwrap();
    let log = std::fs::read_to_string(world.server.log()).unwrap();
    assert!(log.contains("another PostgreSQL keeps the world") && log.contains("wal_sync_method"), "{log}");
}

/// What `doctor` measures must wait for the disk: the record of its commit is on it when the statement returns, and not
/// where commits do not wait.
#[tokio::test]
async fn the_commit_that_is_measured_waits_for_the_disk() {
    let database = TestDatabase::of("village").await.unwrap();
    let mut writer = PgConnection::connect(&database.url()).await.unwrap();
    let mut waits = async |setting: &str| {
        writer.execute(AssertSqlSafe(format!("SET synchronous_commit = {setting}"))).await.unwrap();
        let mut on_disk = 0;
        for _ in 0..50 {
            let message = "SELECT pg_logical_emit_message(true, 'holdfast doctor', '')::text";
            let written: String = sqlx::query_scalar(message).fetch_one(&mut writer).await.unwrap();
            let flushed = "SELECT pg_current_wal_flush_lsn() >= $1::text::pg_lsn";
            on_disk += u32::from(
                sqlx::query_scalar::<_, bool>(flushed).bind(written).fetch_one(&mut writer).await.unwrap(),
            );
        }
        on_disk
    };
    assert_eq!(waits("on").await, 50);
    assert!(waits("off").await < 50, "otherwise this shows nothing");
}

#[tokio::test]
async fn people_read_marks_and_what_to_do() {
    let database = TestDatabase::empty().await.unwrap();
    let output = Command::new(binary("village").unwrap())
        .arg("doctor")
        .env("DATABASE_URL", database.url())
        .env("HOLDFAST_ISSUER", format!("http://{}", free_port().unwrap()))
        .env("HOLDFAST_LISTEN", free_port().unwrap().to_string())
        .env("HOLDFAST_STAFF_LISTEN", free_port().unwrap().to_string())
        .output()
        .await
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for part in ["ok         settings", "MUST MEND  database.schema", "run `migrate`", "must be mended first"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(output.status.code(), Some(1));
}
