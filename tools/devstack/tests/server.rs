//! A server is started, waited for, killed and started again at the same address. The stand-in for one is this very
//! program: started as `<program> serve`, it runs the test of that name and no other.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::env;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::os::unix::process::ExitStatusExt as _;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use holdfast_devstack::stack::DATABASE;
use holdfast_devstack::{Folder, Link, Role, Server, ServerOptions, Stack, StackOptions, process};
use sqlx::{Connection as _, PgConnection};
use tokio::net::TcpListener;

/// In the stand-in's environment: what it is to do instead of becoming ready.
const MISCHIEF: &str = "HOLDFAST_DEVSTACK_TEST_MISCHIEF";

#[tokio::test]
async fn serve() {
    let Ok(listen) = env::var("HOLDFAST_LISTEN") else { return };
    if env::var_os(MISCHIEF).is_some() {
        panic!("the world {} is haunted", env::var("HOLDFAST_WORLD").unwrap());
    }
    // Of those that share an issuer, the one that has this owns the world, until it ends. They share a database, too, but
    // may each reach it in a way of its own.
    let issuer = env::var("HOLDFAST_ISSUER").unwrap();
    let owned = Arc::new(OnceLock::new());
    let role = async move || {
        let lock = SocketAddr::from_abstract_name(&issuer).unwrap();
        let mine =
            owned.get().is_some() || UnixListener::bind_addr(&lock).is_ok_and(|lock| owned.set(lock).is_ok());
        let standby = r#"{"status":"standby"}"#;
        if mine { (StatusCode::OK, "") } else { (StatusCode::SERVICE_UNAVAILABLE, standby) }
    };
    let told = env::var("HOLDFAST_ADDRESSES").unwrap_or_default();
    let routes =
        Router::new().route("/api/health/ready", get(role)).route("/addresses", get(async move || told));
    axum::serve(TcpListener::bind(listen).await.unwrap(), routes).await.unwrap();
}

fn options(folder: &Folder, mischief: bool) -> ServerOptions {
    ServerOptions {
        game: env::current_exe().unwrap().to_str().unwrap().to_owned(),
        world: "green".to_owned(),
        database_url: format!("postgres:///none?host={}", folder.path().display()),
        issuer_url: format!("http://127.0.0.1:1{}", folder.path().display()),
        // A backtrace would push what matters out of the end of the log that is shown.
        environment: [("RUST_BACKTRACE", "0")]
            .into_iter()
            .chain(mischief.then_some((MISCHIEF, "1")))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        folder: folder.path().to_owned(),
    }
}

#[tokio::test]
async fn a_killed_one_comes_back_at_its_address() {
    let folder = Folder::create().unwrap();
    let mut server = Server::start(options(&folder, false)).await.unwrap();
    let (url, first) = (server.url(), server.pid().unwrap());
    assert!(server.exit_status().is_none());

    server.kill9();
    assert!(!process::is_alive(first));
    assert_eq!(server.exit_status().unwrap().signal(), Some(9));

    server.restart().await.unwrap();
    assert_eq!(server.url(), url);
    assert_ne!(server.pid().unwrap(), first);
    assert!(reqwest::get(format!("{url}/api/health/ready")).await.unwrap().status().is_success());

    server.signal_stop();
    let status = server.wait_for_exit(Duration::from_secs(20)).await.unwrap();
    assert_eq!((status.signal(), server.pid()), (Some(15), None));
}

#[tokio::test]
async fn the_end_of_its_log_tells_why_it_did_not_become_ready() {
    let folder = Folder::create().unwrap();
    let error = Server::start(options(&folder, true)).await.unwrap_err().to_string();
    assert!(error.contains("the world green is haunted"), "{error}");
}

#[tokio::test]
async fn it_goes_when_it_is_dropped() {
    let folder = Folder::create().unwrap();
    let server = Server::start(options(&folder, false)).await.unwrap();
    let pid = server.pid().unwrap();
    drop(server);
    assert!(!process::is_alive(pid));
}

#[tokio::test]
async fn a_whole_stack_starts_in_one_call_and_leaves_nothing() {
    let game = env::current_exe().unwrap();
    let stack = Stack::start(StackOptions::new(game.to_str().unwrap()).proxied()).await.unwrap();
    let pids = [stack.server.pid().unwrap(), stack.postgres.pid().unwrap()];
    let folder = stack.postgres.folder().path().to_owned();
    let proxy = stack.proxy().unwrap();
    for url in [stack.database_url(), proxy.url(DATABASE)] {
        PgConnection::connect(&url).await.unwrap();
    }
    drop(stack);
    assert!(!pids.into_iter().any(process::is_alive) && !folder.exists());
}

#[tokio::test]
async fn a_standby_is_told_apart_from_the_owner_and_takes_its_place() {
    let game = env::current_exe().unwrap();
    let mut stack = Stack::start(StackOptions::new(game.to_str().unwrap()).standbys(1)).await.unwrap();
    assert_eq!(stack.owner().await, Some(0));
    let sockets: Vec<_> = stack.servers().map(Server::ws_url).collect();
    for (server, expected) in [(0, [&sockets[0], &sockets[1]]), (1, [&sockets[1], &sockets[0]])] {
        let url = stack.server_mut(server).unwrap().url();
        let told = reqwest::get(format!("{url}/addresses")).await.unwrap().text().await.unwrap();
        assert_eq!(told, expected.map(String::as_str).join(","), "all of them, itself first");
    }

    assert_eq!(stack.player_url(1).unwrap(), sockets[1]);

    // While the owner hangs nobody is ready; and whoever is frozen says nothing.
    stack.server.freeze();
    assert_eq!(stack.owner().await, None);
    stack.server.thaw();
    assert_eq!(stack.owner().await, Some(0));

    stack.server_mut(0).unwrap().kill9();
    stack.server_mut(1).unwrap().wait_until(Role::Owner).await.unwrap();
    stack.start_again(0).await.unwrap();
    assert_eq!(stack.owner().await, Some(1), "the one that comes back stands by");
    assert!(stack.server_mut(2).unwrap_err().to_string().contains("no server 2"));
}

#[tokio::test]
async fn each_one_has_a_link_and_a_proxy_of_its_own_and_players_are_told_of_the_links() {
    let game = env::current_exe().unwrap();
    for standbys in [0, 1] {
        let options = StackOptions::new(game.to_str().unwrap()).standbys(standbys).proxied().linked();
        let stack = Stack::start(options).await.unwrap();
        assert_eq!((stack.links.len(), stack.proxies.len()), (standbys + 1, standbys + 1));
        let links: Vec<_> = stack.links.iter().map(Link::ws_url).collect();
        for (number, link) in stack.links.iter().enumerate() {
            assert_eq!(stack.player_url(number).unwrap(), links[number]);
            let through = format!("http://{}/addresses", link.address());
            let told = reqwest::get(through).await.unwrap().text().await.unwrap();
            let expected: Vec<_> = links.iter().cycle().skip(number).take(links.len()).cloned().collect();
            assert_eq!(told, expected.join(","), "all of them, itself first");
        }
        let [first, others @ ..] = stack.proxies.as_slice() else { panic!("there is a first one") };
        first.set_blackhole(true);
        for proxy in others {
            PgConnection::connect(&proxy.url(DATABASE)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn one_that_was_built_anew_is_known() {
    let folder = Folder::create().unwrap();
    let binary = folder.path().join("game");
    std::fs::copy(env::current_exe().unwrap(), &binary).unwrap();
    let game = binary.to_str().unwrap().to_owned();
    let mut server = Server::start(ServerOptions { game, ..options(&folder, false) }).await.unwrap();
    server.restart().await.unwrap();
    assert!(!server.was_built_anew(), "to be killed and started again is no new build");
    let built = folder.path().join("built");
    std::fs::copy(&binary, &built).unwrap();
    std::fs::rename(&built, &binary).unwrap();
    assert!(server.was_built_anew());
}
