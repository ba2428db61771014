//! What browsers get without a token, on real sockets.

use holdfast::http::site::page::Page;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::page::Folder;
use crate::server::{BUILD, CONTENT, Edge, PATIENCE, Setup};

async fn served() -> Edge {
    let folder = Folder::with_page();
    let page = Page::read(folder.path(), BUILD).unwrap();
    // The folder is gone when the first request comes: all of it is in memory.
    Edge::with(Setup { page: Some(page), ..Setup::default() }).await
}

async fn ask(edge: &Edge, method: Method, path: &str, headers: &[(&'static str, &str)]) -> Response {
    let named = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()));
    let client = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
    let request = client.request(method, edge.url(path)).headers(HeaderMap::from_iter(named));
    request.send().await.unwrap()
}

async fn get(edge: &Edge, path: &str, headers: &[(&'static str, &str)]) -> Response {
    ask(edge, Method::GET, path, headers).await
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn the_page_is_served_in_the_coding_that_the_browser_likes_best() {
    let edge = served().await;
    for (accepts, coding, body) in [
        ("gzip, deflate, br, zstd", "br", "index as br"),
        ("gzip", "gzip", "index as gzip"),
        ("br;q=0, gzip;q=0.5", "gzip", "index as gzip"),
        ("identity", "", "<!doctype html><title>plain</title>"),
        ("br;q=0, gzip;q=0", "", "<!doctype html><title>plain</title>"),
    ] {
        let answer = get(&edge, "/?code=1&state=2", &[("accept-encoding", accepts)]).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(header(&answer, "content-encoding"), coding, "{accepts}");
        assert_eq!(header(&answer, "vary"), "Accept-Encoding");
        assert_eq!(header(&answer, "content-type"), "text/html; charset=utf-8");
        assert_eq!(header(&answer, "cache-control"), "no-cache");
        assert_eq!(answer.text().await.unwrap(), body, "{accepts}");
    }
}

#[tokio::test]
async fn files_have_their_types_and_are_kept_as_long_as_their_names_say() {
    let edge = served().await;
    let forever = "public, max-age=31536000, immutable";
    for (path, content_type, cache) in [
        ("/assets/main-Ab1_.js", "text/javascript; charset=utf-8", forever),
        ("/favicon.svg", "image/svg+xml", "no-cache"),
        ("/manifest.webmanifest", "application/manifest+json", "no-cache"),
        ("/page.json", "application/json", "no-cache"),
    ] {
        let answer = get(&edge, path, &[]).await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(header(&answer, "content-type"), content_type, "{path}");
        assert_eq!(header(&answer, "cache-control"), cache, "{path}");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert_eq!(header(&answer, "cross-origin-resource-policy"), "same-origin");
        assert!(header(&answer, "etag").starts_with('"'), "{path}");
    }
}

#[tokio::test]
async fn a_browser_that_has_a_file_is_told_so_and_nothing_more() {
    let edge = served().await;
    let first = get(&edge, "/", &[("accept-encoding", "br")]).await;
    let tag = header(&first, "etag").to_owned();
    for named in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let again = get(&edge, "/", &[("accept-encoding", "br"), ("if-none-match", &named)]).await;
        assert_eq!(again.status(), 304, "{named}");
        assert_eq!(header(&again, "etag"), tag);
        assert_eq!(header(&again, "cache-control"), "no-cache");
        assert_eq!(header(&again, "vary"), "Accept-Encoding");
        assert!(header(&again, "content-security-policy").contains("default-src 'none'"));
        assert!(again.bytes().await.unwrap().is_empty());
    }
    // Another coding is another tag: what a browser has of one is no use for the other.
    let other = get(&edge, "/", &[("accept-encoding", "gzip"), ("if-none-match", &tag)]).await;
    assert_eq!(other.status(), 200);
    let other = get(&edge, "/", &[("accept-encoding", "br"), ("if-none-match", "\"\", x, ,W/")]).await;
    assert_eq!(other.status(), 200);
}

#[tokio::test]
async fn a_head_is_answered_like_a_get_without_the_body() {
    let edge = served().await;
    for path in ["/", "/assets/main-Ab1_.js", "/api/world"] {
        let (head, whole) = (ask(&edge, Method::HEAD, path, &[]).await, get(&edge, path, &[]).await);
        assert_eq!((head.status().as_u16(), whole.status().as_u16()), (200, 200), "{path}");
        for name in ["content-length", "content-type", "cache-control", "etag", "content-security-policy"] {
            assert_eq!(header(&head, name), header(&whole, name), "{path}: {name}");
        }
        let length = header(&head, "content-length").parse::<usize>().unwrap();
        assert!(head.bytes().await.unwrap().is_empty());
        assert_eq!(whole.bytes().await.unwrap().len(), length, "{path}");
    }
}

#[tokio::test]
async fn nothing_can_be_written_to_a_file() {
    let edge = served().await;
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let answer = ask(&edge, method, "/", &[("accept", "text/html")]).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "allow")), (405, "GET, HEAD"));
        assert_eq!(answer.json::<Value>().await.unwrap()["error"]["code"], "not_found");
    }
}

#[tokio::test]
async fn no_path_leads_to_anything_but_the_files_of_the_page() {
    let edge = served().await;
    // By hand: a client would tidy these up before it asks.
    for path in [
        "/../../../../etc/passwd",
        "/assets/../../../etc/passwd",
        "/assets/..%2f..%2f..%2fetc%2fpasswd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..\\..\\etc\\passwd",
        "//etc/passwd",
        "/./page.json",
        "/assets/./main-Ab1_.js",
        "/assets//main-Ab1_.js",
        "/assets/",
        "/assets",
        "/index.html.br",
        "/index.html",
        "/assets/main-Ab1_.js.gz",
        "/assets/main-Ab1_.js%00",
        "/.vite/manifest.json",
        "/content/../page.json",
        "/content/0000000000000000/terrain",
    ] {
        let mut stream = TcpStream::connect(edge.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
        let refused = ["HTTP/1.1 404", "HTTP/1.1 400"].iter().any(|status| answer.starts_with(status));
        assert!(refused && !answer.contains("root:"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_document_says_what_it_may_do() {
    let edge = served().await;
    for path in ["/", "/favicon.svg", "/nothing-here"] {
        let answer = get(&edge, path, &[("accept", "text/html")]).await;
        let policy = header(&answer, "content-security-policy");
        let expected = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
             connect-src 'self' wss://play.example wss://b.example:8443 {} https://tokens.example; manifest-src 'self'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'",
            edge.issuer.url
        );
        assert_eq!(policy, expected, "{path}");
        assert_eq!(header(&answer, "cross-origin-opener-policy"), "same-origin");
        assert_eq!(header(&answer, "referrer-policy"), "no-referrer");
        assert!(header(&answer, "permissions-policy").contains("camera=(), "));
        assert_eq!(header(&answer, "strict-transport-security"), "max-age=31536000", "its Origin is https");
    }
    let script = get(&edge, "/assets/main-Ab1_.js", &[]).await;
    assert_eq!(header(&script, "content-security-policy"), "");

    let mut setup = Setup::default();
    setup.door.origins = vec!["http://127.0.0.1:8080".to_owned()];
    let answer = get(&Edge::with(setup).await, "/", &[]).await;
    assert_eq!(header(&answer, "strict-transport-security"), "");
    assert!(header(&answer, "content-security-policy").contains("connect-src 'self' ws://127.0.0.1:8080 "));
}

#[tokio::test]
async fn people_read_a_page_where_there_is_nothing_and_programs_read_json() {
    let edge = served().await;
    let browser = [("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")];
    let answer = get(&edge, "/nothing", &browser).await;
    assert_eq!((answer.status().as_u16(), header(&answer, "cache-control")), (404, "no-store"));
    assert_eq!(header(&answer, "content-type"), "text/html; charset=utf-8");
    assert!(answer.text().await.unwrap().contains("<a href=\"/\">"));
    for (path, accept) in [("/nothing", "*/*"), ("/assets/gone.js", "*/*"), ("/api/nothing", browser[0].1)] {
        let answer = get(&edge, path, &[("accept", accept)]).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "cache-control")), (404, "no-store"), "{path}");
        assert_eq!(answer.json::<Value>().await.unwrap()["error"]["code"], "not_found", "{path}");
    }
}

#[tokio::test]
async fn without_a_page_people_are_told_which_world_this_is() {
    let edge = Edge::start().await;
    let answer = get(&edge, "/", &[]).await;
    assert_eq!((answer.status().as_u16(), header(&answer, "cache-control")), (200, "no-cache"));
    assert!(header(&answer, "content-security-policy").starts_with("default-src 'none'"));
    let text = answer.text().await.unwrap();
    assert!(text.contains("<strong>main</strong>, a toy") && text.contains("--page"), "{text}");
}

#[tokio::test]
async fn the_world_tells_a_page_all_that_it_needs_before_anybody_is_signed_in() {
    let edge = Edge::start().await;
    let answer = get(&edge, "/api/world", &[]).await;
    assert_eq!((answer.status().as_u16(), header(&answer, "cache-control")), (200, "no-store"));
    assert_eq!(header(&answer, "content-type"), "application/json");
    let world: Value = answer.json().await.unwrap();
    let path = world["content"]["terrain"].as_str().unwrap().to_owned();
    let expected = json!({
        "build": BUILD.to_string(), "game": "toy", "world": "main",
        "sign_in": { "issuer": edge.issuer.url, "client_id": "holdfast-web", "scope": "openid play", "provider": null },
        "archetypes": ["gardener", "fisher"],
        "addresses": ["wss://play.example/ws", "wss://b.example:8443/ws"],
        "content": { "terrain": path },
    });
    assert_eq!(world, expected);

    let hash = path.strip_prefix("/content/").and_then(|rest| rest.strip_suffix("/terrain")).unwrap();
    assert!(hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{path}");
    let answer = get(&edge, &path, &[]).await;
    assert_eq!(header(&answer, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header(&answer, "content-type"), "application/octet-stream");
    assert_eq!(answer.bytes().await.unwrap(), CONTENT);
}
