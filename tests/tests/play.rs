//! A world that people open, leave, kill and open again is the same world, and whoever cannot open it reads why.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "play/stage.rs"]
mod stage;

use std::fs;
use std::net::TcpListener;

use holdfast_devstack::server::free_port;
use reqwest::header::LOCATION;
use stage::{Stage, shown};

#[tokio::test]
async fn a_world_is_kept_over_kills_and_runs_and_people_keep_their_characters() {
    let stage = Stage::new();
    let sign_in = free_port().unwrap();
    stage.had_sign_in_at(sign_in.port());
    let mut first = stage.open(&[]);
    assert_eq!(first.issuer().await, format!("http://{sign_in}"));
    first.create("ada", "Ada").await;
    first.kill_server();
    assert_eq!(first.characters("ada").await, ["Ada"], "the same address, another process");
    let (status, said) = first.interrupt(1);
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(said.contains("Closing the world") && said.contains(&shown(&stage.data)), "{said}");

    // The sign-in cannot be where it was.
    let _held = TcpListener::bind(sign_in).unwrap();
    let second = stage.open(&[]);
    assert_ne!(second.issuer().await, format!("http://{sign_in}"));
    assert_eq!(second.characters("ada").await, ["Ada"], "another sign-in, the same Ada");
    second.kill();

    let third = stage.open(&[]);
    assert_eq!(third.characters("ada").await, ["Ada"]);
    third.create("ada", "Ida").await;
    let (status, _) = third.interrupt(2);
    assert!(matches!(status.code(), Some(0 | 130)), "{status}");
    assert_eq!(stage.open(&[]).characters("ada").await, ["Ada", "Ida"]);
}

#[tokio::test]
async fn a_database_that_ends_once_more_while_it_starts_is_tried_again() {
    let stage = Stage::new();
    let mut open = stage.open(&[]);
    open.create("ada", "Ada").await;
    let version = stage.data.join("postgres/PG_VERSION");
    let was = fs::read_to_string(&version).unwrap();
    fs::write(&version, "9\n").unwrap();
    stage.kill_postgres();
    open.hear("PostgreSQL does not start").unwrap();
    fs::write(&version, was).unwrap();
    open.hear("PostgreSQL is back").unwrap();
    open.interrupt(1);
    assert_eq!(stage.open(&[]).characters("ada").await, ["Ada"]);
}

#[tokio::test]
async fn a_world_is_thrown_away_only_by_somebody_who_says_so() {
    let stage = Stage::new();
    let first = stage.open(&["--fresh"]);
    first.create("ada", "Ada").await;
    first.interrupt(1);
    let sentence = stage.refused(&["--fresh"]);
    assert!(sentence.contains("--yes") && sentence.contains(&shown(&stage.data)), "{sentence}");
    let second = stage.open(&[]);
    assert_eq!(second.characters("ada").await, ["Ada"]);
    second.interrupt(1);
    assert_eq!(stage.open(&["--fresh", "--yes"]).characters("ada").await, [""; 0]);
}

#[tokio::test]
async fn whoever_cannot_open_a_world_reads_why_in_one_sentence() {
    let stage = Stage::new();
    let held = TcpListener::bind(("127.0.0.1", stage.port)).unwrap();
    let sentence = stage.refused(&[]);
    let us = format!("process {}", std::process::id());
    assert!(sentence.contains(&us) && sentence.contains("--port"), "{sentence}");
    drop(held);

    let mut open = stage.open(&[]);
    let mut elsewhere = Stage::new();
    elsewhere.data.clone_from(&stage.data);
    let sentence = elsewhere.refused(&[]);
    assert!(sentence.contains("is open already") && sentence.contains("--data-dir"), "{sentence}");
    open.kill_server();
    open.interrupt(1);

    fs::write(stage.data.join("postgres/PG_VERSION"), "9\n").unwrap();
    let sentence = stage.refused(&[]);
    assert!(sentence.contains("PostgreSQL 9") && sentence.contains("--fresh"), "{sentence}");
    assert_eq!(sentence.lines().count(), 1);
    assert_eq!(stage.open(&["--fresh", "--yes"]).characters("ada").await, [""; 0]);
}

#[tokio::test]
async fn people_keep_their_characters_when_others_are_let_in_at_another_address_and_when_they_are_not() {
    let stage = Stage::new();
    let alone = stage.open(&[]);
    alone.create("ada", "Ada").await;
    alone.interrupt(1);

    let port = free_port().unwrap().port();
    let mut first = stage.open_to_others(port);
    assert_eq!(first.url, format!("https://127.0.0.1:{port}/"));
    assert_eq!(first.issuer().await, format!("{}signin", first.url));
    let page = first.http.get(&first.url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("A page"), "{page}");
    let usual = first.http.get(format!("http://127.0.0.1:{}/", stage.port)).send().await.unwrap();
    assert_eq!((usual.status().as_u16(), usual.headers()[LOCATION].to_str().unwrap()), (307, &*first.url));

    first.create("ada", "Ida").await;
    first.kill_server();
    assert_eq!(first.characters("ada").await, ["Ada", "Ida"]);
    let (status, said) = first.interrupt(1);
    assert_eq!(status.code(), Some(0), "{said}");

    let certificate = fs::read(stage.data.join("certificate/lan.json")).unwrap();
    let elsewhere = stage.open_to_others(free_port().unwrap().port());
    assert_eq!(elsewhere.characters("ada").await, ["Ada", "Ida"], "another address, the same Ada");
    assert_eq!(fs::read(stage.data.join("certificate/lan.json")).unwrap(), certificate, "trusted once");
    elsewhere.interrupt(1);
    assert_eq!(stage.open(&[]).characters("ada").await, ["Ada", "Ida"]);
}

#[tokio::test]
async fn whoever_cannot_let_others_in_reads_why_in_one_sentence() {
    let stage = Stage::new();
    let held = TcpListener::bind(("127.0.0.1", free_port().unwrap().port())).unwrap();
    let taken = held.local_addr().unwrap().port().to_string();
    let us = format!("process {}", std::process::id());
    for (more, expected) in [
        (["--lan", "--lan-address", "203.0.113.77"].as_slice(), ["203.0.113.77", "--lan-address"]),
        (["--lan", "--lan-port", &taken].as_slice(), [us.as_str(), "--lan-port"]),
    ] {
        let sentence = stage.refused(more);
        assert!(expected.iter().all(|part| sentence.contains(part)), "{sentence}");
        assert_eq!(sentence.lines().count(), 1);
    }
    assert!(!stage.data.join("postgres").exists(), "nothing was begun");
}
