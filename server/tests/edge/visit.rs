//! A browser opens the page: many requests in one instant, with the limits that a server has by itself.

use holdfast::http::listen::ConnectionLimits;
use holdfast::http::site::page::Page;
use holdfast_protocol::{ClientMessage, EntityId, Hello};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::page::Folder;
use crate::server::{BUILD, Edge, PATIENCE, Setup, say};

async fn served() -> Edge {
    let folder = Folder::with_page();
    for name in ["style-1.css", "world-1.js", "font-1.woff2"] {
        folder.write(&format!("assets/{name}"), &vec![b'x'; 40_000]);
    }
    let mut setup = Setup { page: Some(Page::read(folder.path(), BUILD).unwrap()), ..Setup::default() };
    // The defaults of the settings.
    (setup.door.unidentified, setup.door.unidentified_per_address, setup.door.connects_per_address) =
        (256, 20, 10);
    setup.connections = ConnectionLimits { total_max: 984, asking_per_address_max: 246 };
    Edge::with(setup).await
}

/// All that a page does until somebody who makes a character plays, over the socket that is handed out; the name tells the
/// tabs apart.
async fn visit(edge: &Edge, name: &str) -> crate::server::Client {
    let client = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
    let get = async |path: &str, token: Option<&str>| {
        let request = client.get(edge.url(path));
        let request = token.iter().fold(request, reqwest::RequestBuilder::bearer_auth);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{name}: {path}");
        answer
    };
    get("/", None).await;
    let assets =
        ["main-Ab1_.js", "style-1.css", "world-1.js", "font-1.woff2"].map(|name| format!("/assets/{name}"));
    futures_util::future::join_all(assets.iter().map(|path| get(path, None))).await;
    let world: Value = get("/api/world", None).await.json().await.unwrap();
    let token = edge.issuer.token();
    get(world["content"]["terrain"].as_str().unwrap(), None).await;
    get("/api/characters", Some(&token)).await;
    let new = json!({ "name": name, "archetype": "gardener" }).to_string();
    let made = client.post(edge.url("/api/characters")).bearer_auth(&token).body(new).send().await.unwrap();
    assert_eq!(made.status(), 201, "{name}");
    let mut socket = edge.connect().await;
    let hello = Hello {
        build: BUILD,
        access_token: token,
        character: EntityId(11),
        resume: None,
        held: None,
        oldest_unanswered: None,
    };
    say(&mut socket, &ClientMessage::Hello(hello)).await;
    socket
}

#[tokio::test]
async fn five_tabs_open_at_once_behind_one_address_and_nothing_is_refused() {
    let mut edge = served().await;
    let names = ["Ada", "Berta", "Cleo", "Dora", "Emil"];
    let _tabs = futures_util::future::join_all(names.map(|name| visit(&edge, name))).await;
    for _ in names {
        edge.heard().await;
    }
}

#[tokio::test]
async fn what_everybody_gets_does_not_count_as_a_strangers_request() {
    let mut setup = Setup::default();
    (setup.door.unidentified_per_address, setup.door.connects_per_address) = (1, 1);
    let edge = Edge::with(setup).await;
    let client = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
    for _ in 0..20 {
        for path in ["/", "/api/world", "/api/build"] {
            assert_eq!(client.get(edge.url(path)).send().await.unwrap().status(), 200, "{path}");
        }
    }
}

#[tokio::test]
async fn one_connection_answers_many_requests_in_their_order() {
    let edge = served().await;
    let mut stream = TcpStream::connect(edge.address).await.unwrap();
    let requests = "GET /assets/main-Ab1_.js HTTP/1.1\r\nhost: x\r\nif-none-match: *\r\n\r\n\
                    HEAD / HTTP/1.1\r\nhost: x\r\n\r\n\
                    GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n\
                    GET /page.json HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(requests.as_bytes()).await.unwrap();
    let mut answers = String::new();
    tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answers)).await.unwrap().unwrap();
    let statuses: Vec<&str> =
        answers.match_indices("HTTP/1.1 ").map(|(at, _)| &answers[at + 9..at + 12]).collect();
    assert_eq!(statuses, ["304", "200", "404", "200"], "{answers}");
    assert!(answers.ends_with(&format!("{{\"build\":\"{BUILD}\"}}")), "{answers}");
}
