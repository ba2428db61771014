//! The rules themselves.

use std::path::Path;

use super::code::{dependencies, names};
use super::tree::Tree;

/// One invariant of the layout.
pub(super) struct Rule {
    /// What it is called in a breach.
    pub(super) name: &'static str,
    /// Why it is one: printed with each breach.
    pub(super) reason: &'static str,
    /// Every breach of it.
    pub(super) check: fn(&Tree) -> Vec<String>,
}

const ALL_SECTIONS: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];
const SHIPPED_SECTIONS: &[&str] = &["dependencies", "build-dependencies"];

/// What does input, output or waiting, or holds a world.
const OUTSIDE: &[&str] =
    &["axum", "bevy_ecs", "hyper", "hyper-util", "reqwest", "sqlx", "tokio", "tokio-tungstenite", "holdfast"];

const GAMES: &[&str] = &["server/village/src/", "tests/ledger/src/"];

/// All of them.
pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "protocol does no input or output",
        reason: "both ends of the wire are built from shared/, and one of them may be a browser",
        check: |tree| forbid_dependencies(tree, "shared", ALL_SECTIONS, OUTSIDE),
    },
    Rule {
        name: "front cannot reach the world",
        reason: "what is shown is made from committed changes alone, and the compiler is to be the witness",
        check: |tree| forbid_dependencies(tree, "server/front", ALL_SECTIONS, OUTSIDE),
    },
    Rule {
        name: "front is synchronous",
        reason: "its state machines step in a test by hand: no thread, no channel, no randomness of their own",
        check: |tree| {
            let words = &["async", "await", "std::thread", "mpsc", "rand::rng", "rand::random", "ThreadRng"];
            forbid_names(tree, &["server/front/src/"], &[], words)
        },
    },
    Rule {
        name: "engine knows no game",
        reason: "a third game is written against the engine without touching it",
        check: |tree| {
            let games = &["village", "ledger"];
            let mut breaches = forbid_dependencies(tree, "server", ALL_SECTIONS, games);
            breaches.extend(forbid_dependencies(tree, "server/front", ALL_SECTIONS, games));
            breaches
        },
    },
    Rule {
        name: "the server is the production one",
        reason: "what tests and development stand on is outside of it, so that what is tested is what runs",
        check: |tree| {
            let tools = &[
                "holdfast-checker",
                "holdfast-client",
                "holdfast-devstack",
                "holdfast-issuer",
                "holdfast-swarm",
                "holdfast-tests",
            ];
            let crates = ["shared", "server/front", "server", "server/village", "tests/ledger"];
            let check = |folder| forbid_dependencies(tree, folder, SHIPPED_SECTIONS, tools);
            crates.into_iter().flat_map(check).collect()
        },
    },
    Rule {
        name: "client knows the protocol only",
        reason: "whoever writes another client has no more than shared/ either",
        check: |tree| {
            let ours = &["holdfast", "holdfast-front", "holdfast-devstack", "village", "ledger"];
            forbid_dependencies(tree, "tools/client", SHIPPED_SECTIONS, ours)
        },
    },
    Rule {
        name: "the checker believes clients alone",
        reason: "what shares no code with the engine cannot share its mistakes",
        check: |tree| {
            let ours =
                &["holdfast", "holdfast-front", "holdfast-devstack", "holdfast-swarm", "village", "ledger"];
            forbid_dependencies(tree, "tools/checker", SHIPPED_SECTIONS, ours)
        },
    },
    Rule {
        name: "commands start without the engine",
        reason: "`cargo verify` says what is missing before anything large is compiled",
        check: |tree| {
            let large =
                &["holdfast", "holdfast-codegen", "holdfast-devstack", "holdfast-tests", "village", "ledger"];
            forbid_dependencies(tree, "tools/xtask", ALL_SECTIONS, large)
        },
    },
    Rule {
        name: "a game's rules are pure",
        reason: "an action or a behaviour sees the world and nothing else, so that a tick can be stepped and repeated",
        check: |tree| {
            let words = &[
                "sqlx",
                "redis",
                "tokio",
                "axum",
                "reqwest",
                "socket",
                "std::net",
                "std::fs",
                "std::thread",
                "rand::rng",
                "rand::random",
            ];
            let is_rule = |path: &str| {
                let inside = GAMES.iter().find_map(|game| path.strip_prefix(game)).unwrap_or_default();
                ["action", "simulation"]
                    .iter()
                    .any(|story| inside.strip_prefix(story).is_some_and(|rest| rest.starts_with(['/', '.'])))
            };
            forbid_names_where(tree, GAMES, is_rule, words)
        },
    },
    Rule {
        name: "only clock reads time",
        reason: "time comes in as a parameter, so that a test advances it by hand",
        check: |tree| {
            let words = &["Instant::now", "SystemTime::now", "UNIX_EPOCH", "clock_gettime"];
            forbid_names(tree, &["server/", "shared/", "tests/ledger/"], &["server/src/clock"], words)
        },
    },
    Rule {
        name: "what is simulated leaves nothing to chance",
        reason: "a seed is a run, to the byte: time and randomness come in as parameters, and no hash table is walked",
        check: |tree| {
            let dice = &["rand::rng", "rand::random", "ThreadRng"];
            let mut breaches = forbid_names_where(tree, &["server/src/"], is_core, dice);
            let all = &[
                "Instant::now",
                "SystemTime::now",
                "rand::rng",
                "rand::random",
                "ThreadRng",
                "HashMap",
                "HashSet",
            ];
            breaches.extend(forbid_names_where(tree, &["tools/", "tests/ledger/"], is_simulated_beside, all));
            breaches
        },
    },
    Rule {
        name: "only persistence speaks SQL",
        reason: "whatever is written passes the writer, its fence and the gate; run and bridge only hand connections on",
        check: |tree| {
            let except = &["server/src/persistence", "server/src/run", "server/src/bridge"];
            forbid_names(tree, &["server/", "tests/ledger/"], except, &["sqlx"])
        },
    },
    Rule {
        name: "socket sees no component",
        reason: "a connection is shown what the front encoded from committed changes, never the world",
        check: |tree| {
            let adapters = &["server/src/socket", "server/src/http", "server/src/auth"];
            forbid_names(tree, adapters, &[], &["bevy_ecs", "WorldMachine", "World"])
        },
    },
    Rule {
        name: "only bridge holds both ends",
        reason: "where tasks meet the world is one place, so that nothing else can pass between them",
        check: |tree| {
            // run makes the world and the runtime, and hands both to the bridge.
            const WIRING: &[&str] = &["server/src/bridge", "server/src/run"];
            let is_wiring = |path: &str| WIRING.iter().any(|module| is_of_module(path, module));
            let files = tree.rust_files(&["server/src/"]).filter(|(path, _)| !is_wiring(path));
            files
                .filter(|(_, text)| {
                    !names(text, &["WorldMachine"]).is_empty() && !names(text, &["tokio"]).is_empty()
                })
                .map(|(path, _)| format!("{path} names both WorldMachine and tokio"))
                .collect()
        },
    },
    Rule {
        name: "only auth reads tokens",
        reason: "whoever holds Claims knows that they were checked",
        check: |tree| {
            forbid_names(
                tree,
                &["server/src/", "server/front/", "server/village/"],
                &["server/src/auth"],
                &["jsonwebtoken"],
            )
        },
    },
    Rule {
        name: "a file says what it owns",
        reason: "a reader who opens it first must learn where it stands in the data path",
        check: |tree| {
            let files = tree.rust_files(&["shared/", "server/", "tests/", "tools/"]);
            // A module's tests stand in its folder, and the module's own file speaks for them.
            let silent =
                files.filter(|(path, text)| !path.ends_with("/tests.rs") && !text.starts_with("//!"));
            silent.map(|(path, _)| format!("{path} does not open with //!")).collect()
        },
    },
    Rule {
        name: "a file is named by what it owns",
        reason: "a name that fits everything says nothing, and collects everything; mod.rs hides the name",
        check: |tree| {
            const VAGUE: &[&str] =
                &["util", "utils", "helper", "helpers", "common", "manager", "misc", "shared_utils", "mod"];
            let files = tree.rust_files(&["shared/", "server/", "tests/", "tools/"]);
            files
                .filter(|(path, _)| {
                    let parts = path.trim_end_matches(".rs").split('/');
                    parts.into_iter().any(|part| VAGUE.contains(&part))
                })
                .map(|(path, _)| path.to_owned())
                .collect()
        },
    },
    Rule {
        name: "every crate takes the workspace's lints",
        reason: "a crate without them is one in which unsafe code and unwrap pass",
        check: |tree| {
            let folders = tree.crates();
            let lacks = |folder: &String| {
                tree.manifest(folder).is_some_and(|(_, text)| !text.contains("[lints]\nworkspace = true"))
            };
            folders.into_iter().filter(lacks).map(|folder| format!("{folder}/Cargo.toml")).collect()
        },
    },
];

/// Whether a file of the engine is of its state machines, which the simulator steps.
fn is_core(path: &str) -> bool {
    const CORE: &[&str] = &[
        "server/src/action",
        "server/src/app",
        "server/src/collect",
        "server/src/hub",
        "server/src/persistence/writer",
        "server/src/poison",
        "server/src/schedule",
        "server/src/tick",
        "server/src/world",
    ];
    CORE.iter().any(|module| is_of_module(path, module))
}

/// Whether a file is run in the simulator, and is not of the server. The simulator's command alone measures time.
fn is_simulated_beside(path: &str) -> bool {
    const SIMULATED: &[&str] = &[
        "tests/ledger/src",
        "tools/checker/src",
        "tools/client/src/addresses",
        "tools/client/src/backoff",
        "tools/client/src/copy",
        "tools/client/src/core",
        "tools/client/src/unanswered",
        "tools/simulator/src",
    ];
    path != "tools/simulator/src/main.rs" && SIMULATED.iter().any(|module| is_of_module(path, module))
}

fn forbid_dependencies(tree: &Tree, folder: &str, sections: &[&str], forbidden: &[&str]) -> Vec<String> {
    let Some((path, manifest)) = tree.manifest(folder) else { return Vec::new() };
    let found =
        dependencies(manifest, sections).into_iter().filter(|name| forbidden.contains(&name.as_str()));
    found.map(|name| format!("{path} depends on {name}")).collect()
}

/// Nothing below `prefixes` but what begins with one of `except` (a module and its folder) names a word of `words`.
fn forbid_names(tree: &Tree, prefixes: &[&str], except: &[&str], words: &[&str]) -> Vec<String> {
    let is_held = |path: &str| !except.iter().any(|module| is_of_module(path, module));
    forbid_names_where(tree, prefixes, is_held, words)
}

fn forbid_names_where(
    tree: &Tree,
    prefixes: &[&str],
    is_held: impl Fn(&str) -> bool,
    words: &[&str],
) -> Vec<String> {
    let files = tree.rust_files(prefixes).filter(|(path, _)| is_held(path));
    files
        .flat_map(|(path, text)| {
            names(text, words).into_iter().map(move |(word, line)| format!("{path}:{line} names {word}"))
        })
        .collect()
}

/// Whether a file is `module.rs` or in the folder `module/`.
fn is_of_module(path: &str, module: &str) -> bool {
    path == format!("{module}.rs") || Path::new(path).starts_with(module)
}
