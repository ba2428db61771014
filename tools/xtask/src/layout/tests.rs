//! The layout holds; and each rule fails on a made-up tree that breaks it.

use super::tree::Tree;
use super::{RULES, check, report};

#[test]
fn layout_holds() {
    if let Err(error) = report(&crate::root()) {
        panic!("{error:#}");
    }
}

const PURE: &str = "//! A rule.\n";

/// For each rule, a file that breaks it and no other rule.
const BROKEN: &[(&str, &str, &str)] = &[
    (
        "protocol does no input or output",
        "shared/Cargo.toml",
        "[dependencies]\ntokio = \"1\"\n[lints]\nworkspace = true",
    ),
    (
        "front cannot reach the world",
        "server/front/Cargo.toml",
        "[dev-dependencies]\nbevy_ecs.workspace = true\n[lints]\nworkspace = true",
    ),
    ("front is synchronous", "server/front/src/session.rs", "//! Sessions.\nasync fn step() {}"),
    (
        "engine knows no game",
        "server/Cargo.toml",
        "[dependencies]\nvillage.workspace = true\n[lints]\nworkspace = true",
    ),
    (
        "the server is the production one",
        "server/village/Cargo.toml",
        "[dependencies]\nholdfast-devstack.workspace = true\n[lints]\nworkspace = true",
    ),
    (
        "the server is the production one",
        "server/Cargo.toml",
        "[dependencies]\nholdfast-issuer.workspace = true\n[lints]\nworkspace = true",
    ),
    (
        "client knows the protocol only",
        "tools/client/Cargo.toml",
        "[dependencies]\nvillage.workspace = true\n[lints]\nworkspace = true",
    ),
    (
        "the checker believes clients alone",
        "tools/checker/Cargo.toml",
        "[dependencies]\nholdfast.workspace = true\n[lints]\nworkspace = true",
    ),
    (
        "commands start without the engine",
        "tools/xtask/Cargo.toml",
        "[dependencies]\nholdfast-codegen.workspace = true\n[lints]\nworkspace = true",
    ),
    ("a game's rules are pure", "server/village/src/action/move.rs", "//! Moves.\nuse std::net::TcpStream;"),
    ("a game's rules are pure", "tests/ledger/src/action.rs", "//! Actions.\nuse tokio::sync::mpsc;"),
    ("only clock reads time", "server/src/tick.rs", "//! Ticks.\nfn now() { std::time::Instant::now(); }"),
    (
        "what is simulated leaves nothing to chance",
        "server/src/hub/lots.rs",
        "//! Lots.\nfn draw() -> u64 { rand::random() }",
    ),
    ("only persistence speaks SQL", "server/src/health.rs", "//! Health.\nuse sqlx::PgPool;"),
    (
        "socket sees no component",
        "server/src/socket/frames.rs",
        "//! Frames.\nuse bevy_ecs::prelude::Component;",
    ),
    (
        "only bridge holds both ends",
        "server/src/tick.rs",
        "//! Ticks.\nstruct WorldMachine(tokio::sync::Notify);",
    ),
    ("only auth reads tokens", "server/src/config.rs", "//! Settings.\nuse jsonwebtoken::Algorithm;"),
    ("a file says what it owns", "server/src/gate.rs", "// The gate.\n"),
    ("a file is named by what it owns", "server/src/utils.rs", "//! Things.\n"),
    ("a file is named by what it owns", "tools/swarm/src/common/bots.rs", "//! Bots.\n"),
    ("every crate takes the workspace's lints", "tools/new/Cargo.toml", "[dependencies]\n"),
];

#[test]
fn layout_check_fails_when_an_invariant_is_broken() {
    for (rule, path, text) in BROKEN {
        let breaches = check(&Tree::of(&[(path, text), ("server/src/world.rs", PURE)]));
        assert_eq!(breaches.len(), 1, "{rule}: {breaches:?}");
        assert!(breaches[0].contains(rule) && breaches[0].contains(path), "{rule}: {breaches:?}");
        assert!(breaches[0].contains("why: "), "a breach gives the rule's reason");
    }
}

#[test]
fn every_rule_is_shown_to_fail() {
    for rule in RULES {
        assert!(BROKEN.iter().any(|(name, ..)| *name == rule.name), "no broken tree for {}", rule.name);
    }
}

#[test]
fn what_is_allowed_is_allowed() {
    let tree = Tree::of(&[
        ("server/src/clock.rs", "//! Time.\nfn now() { Instant::now(); }"),
        ("server/src/persistence/flush.rs", "//! Flushes.\nuse sqlx::PgConnection;"),
        ("server/src/persistence.rs", "//! Rows.\nuse sqlx::PgPool;"),
        ("server/src/bridge.rs", "//! Both.\nuse tokio::sync; struct Ends(WorldMachine);"),
        ("server/src/auth/jwt.rs", "//! Tokens.\nuse jsonwebtoken::decode;"),
        ("server/village/src/action_list.rs", "//! Not a rule of the game.\nuse std::fs;"),
        ("server/src/persistence/writer/tests.rs", "use super::Writer;"),
        ("tests/tests/load.rs", "//! Load.\nfn now() { Instant::now(); }"),
    ]);
    assert_eq!(check(&tree), Vec::<String>::new());
}
