//! What goes on to the world, and what comes back.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

#[tokio::test]
async fn a_request_reaches_the_world_as_it_was_without_what_was_for_us() {
    let setup = setup().await;
    let front = &setup.front;
    let answer = phone(front)
        .post(format!("{}/api/characters?a=%20b", front.origin()))
        .header("connection", "close, x-secret")
        .header("x-secret", "1")
        .header("x-forwarded-for", "203.0.113.9")
        .header("forwarded", "for=203.0.113.9")
        .header("authorization", "Bearer t")
        .body("{\"name\":\"Ada\"}")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(!answer.headers().contains_key("x-hop") && !answer.headers().contains_key("keep-alive"));
    assert_eq!(answer.headers()["x-kept"], "1");
    let came: Value = answer.json().await.unwrap();
    assert_eq!(
        (&came["method"], &came["uri"], &came["body"]),
        (&json!("POST"), &json!("/api/characters?a=%20b"), &json!("{\"name\":\"Ada\"}"))
    );
    let headers = came["headers"].as_object().unwrap();
    assert_eq!(headers["host"], json!(address(front).to_string()));
    assert_eq!(headers["authorization"], json!("Bearer t"));
    for gone in ["connection", "x-secret", "x-forwarded-for", "forwarded", "transfer-encoding"] {
        assert!(!headers.contains_key(gone), "{gone}");
    }
}

#[tokio::test]
async fn an_answer_is_handed_on_as_it_comes() {
    let setup = setup().await;
    let front = &setup.front;
    let mut answer = phone(front).get(format!("{}/halves", front.origin())).send().await.unwrap();
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "first");
    setup.world.go_on.notify_one();
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "second");
    assert_eq!(answer.chunk().await.unwrap(), None);
}

#[tokio::test]
async fn where_a_body_ends_is_said_once() {
    let setup = setup().await;
    let front = &setup.front;
    let mut stream = tls(front).await;
    // By its length it would end after three bytes, and what follows would be another request.
    let body = "b\r\nGET /x HTTP\r\n0\r\n\r\n";
    let head = "POST /one HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n";
    stream.write_all(format!("{head}Connection: close\r\n\r\n{body}").as_bytes()).await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    let is_refused = said.starts_with("HTTP/1.1 400");
    let is_one = said.matches("HTTP/1.1 ").count() == 1 && said.contains("GET /x HTTP\"");
    assert!(is_refused || is_one, "{said}");
    assert!(!said.contains("content-length\":\"3\""), "{said}");
}

#[tokio::test]
async fn plain_http_is_sent_to_our_own_address_with_tls() {
    let setup = setup().await;
    let front = &setup.front;
    let mut stream = TcpStream::connect(address(front)).await.unwrap();
    let request = b"GET /play?a=b HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    assert!(said.starts_with("HTTP/1.1 307"), "{said}");
    assert!(said.contains(&format!("location: {}/play?a=b\r\n", front.origin())), "{said}");
}

#[tokio::test]
async fn whoever_types_another_name_of_ours_comes_to_the_one_that_signs_in() {
    let setup = setup().await;
    let front = &setup.front;
    let other = front.url().replace("127.0.0.1", "localhost");
    let answer = phone(front).get(other).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(answer.headers()["location"], front.url().as_str());
}

#[tokio::test]
async fn while_the_world_is_away_people_get_a_page_that_comes_back_and_programs_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let front = front_in(folder.path()).await;
    let ask = async |accept: &str| {
        let answer = phone(&front).get(front.url()).header("accept", accept).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    let (status, page) = ask("text/html,*/*").await;
    assert_eq!(status, StatusCode::BAD_GATEWAY);
    assert!(page.contains("http-equiv=\"refresh\"") && page.contains("is safe"), "{page}");
    let (status, word) = ask("application/json").await;
    assert!(status == StatusCode::BAD_GATEWAY && !word.contains('<'), "{word}");

    let world = World::start().await;
    front.set_world(world.address());
    assert_eq!(ask("text/html").await.0, StatusCode::OK);
    drop(world);
    assert_eq!(ask("text/html").await.0, StatusCode::BAD_GATEWAY);
}
