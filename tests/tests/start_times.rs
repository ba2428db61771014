//! How long people wait for `cargo play` when everything is built: a measurement, with a command of its own:
//! `cargo test --package holdfast-tests --test start_times -- --ignored --nocapture`.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use holdfast_devstack::process;
use holdfast_devstack::server::free_port;

/// What a second start may take, from the command to the address.
const SECOND_START_MAX: Duration = Duration::from_secs(10);

/// Opens the world in this folder, closes it, and says how long it took until its address was told.
fn open(data: &Path, port: u16) -> Duration {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let begun = Instant::now();
    let mut play = Command::new("cargo")
        .args(["play", "--port", &port.to_string(), "--data-dir"])
        .arg(data)
        .current_dir(root)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(play.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.trim().starts_with("http://")), "it opens");
    let took = begun.elapsed();
    process::send(play.id(), rustix::process::Signal::INT);
    // Whoever speaks must be heard to the end.
    lines.for_each(drop);
    assert!(play.wait().unwrap().success());
    took
}

#[test]
#[ignore = "a measurement"]
fn a_second_start_takes_ten_seconds_at_most() {
    let folder = tempfile::Builder::new().prefix("start-times-").tempdir().unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), mode).unwrap();
    let port = free_port().unwrap().port();
    let data = folder.path().join("world");
    let (first, second) = (open(&data, port), open(&data, port));
    println!(
        "a new world: {:.1} s; the same world again: {:.1} s",
        first.as_secs_f64(),
        second.as_secs_f64()
    );
    assert!(second <= SECOND_START_MAX);
}
