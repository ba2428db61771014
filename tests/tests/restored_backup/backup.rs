//! Two ways to back a world up: a dump, made while it is played, and a copy of its database, for which it has to stop.

use std::path::PathBuf;
use std::process::Command;

use holdfast_devstack::Stack;
use holdfast_devstack::stack::DATABASE;

/// A copy of the database, to be put in its place.
const COPY: &str = "backup";

#[derive(Clone, Copy, Debug)]
pub(crate) enum Backup {
    Dump,
    Copy,
}

impl Backup {
    pub(crate) async fn make(self, stack: &mut Stack) {
        match self {
            Self::Dump => run("pg_dump", stack, &["--format=custom", "--file", &file(stack)]),
            Self::Copy => {
                stack.server.kill9();
                copy(stack, DATABASE, COPY).await;
                stack.server.restart().await.unwrap();
            }
        }
    }

    /// Puts the backup in the place of the world. The server is down.
    pub(crate) async fn restore(self, stack: &mut Stack) {
        stack.postgres.drop_database(DATABASE).await.unwrap();
        match self {
            Self::Dump => {
                stack.postgres.create_database(DATABASE, None).await.unwrap();
                run("pg_restore", stack, &["--exit-on-error", &file(stack)]);
            }
            Self::Copy => copy(stack, COPY, DATABASE).await,
        }
    }
}

fn file(stack: &Stack) -> String {
    stack.postgres.folder().path().join("world.dump").display().to_string()
}

fn run(program: &str, stack: &Stack, arguments: &[&str]) {
    let program: PathBuf = holdfast_machine::postgres::find().unwrap().join(program);
    let output = Command::new(program)
        .arg("--dbname")
        .arg(stack.postgres.url(DATABASE))
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Backends of a server that was killed may take a moment to go.
async fn copy(stack: &Stack, from: &str, to: &str) {
    let deadline = std::time::Instant::now() + holdfast_tests::door::PATIENCE;
    while let Err(error) = stack.postgres.create_database(to, Some(from)).await {
        assert!(std::time::Instant::now() < deadline, "{error:#}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
