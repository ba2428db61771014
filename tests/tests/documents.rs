//! Every command of the README and of the book is run as it stands there, links lead somewhere, and counts are those of the
//! reports that they come from.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use holdfast_devstack::postgres::PostgresOptions;
use holdfast_devstack::server::{binary::binary, free_port};
use holdfast_devstack::spawner::{ChildSpec, DeathSignal};
use holdfast_devstack::{Issuer, Postgres, migrate};
use holdfast_tests::TestDatabase;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// How long the commands of a page may take.
const PATIENCE: Duration = Duration::from_secs(240);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The commands of a page: what stands in its blocks that are marked `sh`, in order.
fn commands(page: &str) -> String {
    blocks(page, "sh")
}

/// What stands in a page's blocks of one language, in order.
fn blocks(page: &str, language: &str) -> String {
    let mut lines = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match line {
            line if line.strip_prefix("```") == Some(language) => inside = true,
            "```" => inside = false,
            command if inside => lines.push(command),
            _ => {}
        }
    }
    lines.join("\n")
}

/// Runs a page's commands with a database, a provider and an access token, in place of the ones that it names as
/// examples.
async fn run(page: &Path) {
    let text = fs::read_to_string(page).unwrap();
    let database = TestDatabase::empty().await.unwrap();
    let issuer = Issuer::start().await.unwrap();
    let (listen, staff) = (free_port().unwrap(), free_port().unwrap());
    let commands = commands(&text)
        .replace("postgres://holdfast_owner@localhost/holdfast", &database.owner_url())
        .replace("postgres://holdfast_writer@localhost/holdfast", &database.url())
        .replace("https://id.example.org", issuer.url())
        .replace("127.0.0.1:8080", &listen.to_string())
        .replace("127.0.0.1:8081", &staff.to_string());
    assert!(!commands.is_empty(), "{} has commands", page.display());
    let script = format!("{}\n{commands}\n", include_str!("documents/prelude.sh"));

    let log = tempfile::NamedTempFile::new().unwrap();
    let output = log.reopen().unwrap();
    let binaries = binary("village").unwrap();
    let mut child = ChildSpec::new("bash", DeathSignal::Kill)
        .arg("-c")
        .arg(&script)
        .env("BINARIES", binaries.parent().unwrap())
        .env("HOLDFAST_LISTEN", listen.to_string())
        .env("HOLDFAST_STAFF_LISTEN", staff.to_string())
        .env("TOKEN", issuer.token("ada"))
        .in_folder(&root())
        .output(output.try_clone().unwrap())
        .errors(output)
        .spawn()
        .unwrap();
    let status = tokio::time::timeout(PATIENCE, async {
        loop {
            match child.try_wait().unwrap() {
                Some(status) => return status,
                None => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    });
    let status = status.await.expect("the commands of a page come to an end");
    let said = fs::read_to_string(log.path()).unwrap();
    assert!(status.success(), "{}: {status}\n{commands}\n---\n{said}", page.display());
}

#[tokio::test]
async fn the_commands_of_the_readme_do_what_it_says() {
    run(&root().join("README.md")).await;
}

#[tokio::test]
async fn the_commands_of_the_start_page_lead_to_a_world_with_a_page() {
    run(&root().join("docs/src/start.md")).await;
}

/// As an administrator would, in a PostgreSQL in which there is nothing yet.
#[tokio::test]
async fn the_sql_of_the_start_page_is_all_that_migrate_and_a_server_need() {
    let text = fs::read_to_string(root().join("docs/src/start.md")).unwrap();
    let sql = blocks(&text, "sql");
    let options = PostgresOptions { without_roles: true, ..PostgresOptions::default() };
    let postgres = Postgres::start(options).await.unwrap();
    let mut administrator = PgConnection::connect(&postgres.url("postgres")).await.unwrap();
    for statement in sql.split_terminator(';') {
        administrator.execute(AssertSqlSafe(statement.to_owned())).await.unwrap();
    }
    migrate("village", &postgres.owner_url("holdfast"), postgres.folder().path()).await.unwrap();
    let issuer = Issuer::start().await.unwrap();
    let doctor = tokio::process::Command::new(binary("village").unwrap())
        .arg("doctor")
        .env("DATABASE_URL", postgres.writer_url("holdfast"))
        .env("HOLDFAST_ISSUER", issuer.url())
        .env("HOLDFAST_LISTEN", free_port().unwrap().to_string())
        .env("HOLDFAST_STAFF_LISTEN", free_port().unwrap().to_string())
        .output()
        .await
        .unwrap();
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));
    administrator.execute("CREATE ROLE ada LOGIN; GRANT holdfast_reader TO ada").await.unwrap();
    let login = postgres.reader_url("holdfast").replace("user=holdfast_reader", "user=ada");
    let mut ada = PgConnection::connect(&login).await.unwrap();
    ada.execute("SELECT * FROM holdfast.items").await.unwrap();
}

#[test]
fn the_other_pages_have_no_commands_that_nobody_runs() {
    for entry in fs::read_dir(root().join("docs/src")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") && !path.ends_with("start.md") {
            assert_eq!(commands(&fs::read_to_string(&path).unwrap()), "", "{}", path.display());
        }
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    let pages =
        ["README.md", "ARCHITECTURE.md", "RELIABILITY.md", "PERFORMANCE.md"].map(|page| root().join(page));
    let book = fs::read_dir(root().join("docs/src")).unwrap().map(|entry| entry.unwrap().path());
    for page in pages.into_iter().chain(book) {
        if page.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = fs::read_to_string(&page).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let path = page.parent().unwrap().join(target);
            assert!(path.exists(), "{}: {target} does not exist", page.display());
        }
    }
}

/// Whoever adds a report, or loses one, is told what to write.
#[test]
fn the_counts_of_the_reliability_page_are_those_of_the_reports() {
    // Each fault, and how often each of its kinds struck, over all reports of a torture.
    let mut struck: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for entry in fs::read_dir(root().join("docs/reports")).unwrap() {
        let report: serde_json::Value =
            serde_json::from_slice(&fs::read(entry.unwrap().path()).unwrap()).unwrap();
        let Some(rows) = report["faults"].as_object().filter(|_| report["after_kills"].is_object()) else {
            continue;
        };
        assert_eq!(report["holds"], true, "{report}");
        for (label, row) in rows {
            let fault = label.split(' ').next().unwrap().to_owned();
            *struck.entry(fault).or_default().entry(label.clone()).or_default() +=
                row["count"].as_u64().unwrap();
        }
    }
    let text = fs::read_to_string(root().join("RELIABILITY.md")).unwrap();
    for (fault, kinds) in struck {
        let (times, least) = (kinds.values().sum::<u64>(), kinds.values().min().unwrap());
        #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
        let bound = 300.0 / times as f64;
        let row = format!("| `{fault}` | {times} | {least} | {bound:.1} % |");
        assert!(text.lines().any(|line| line.starts_with(&row)), "{row} …");
    }
}
