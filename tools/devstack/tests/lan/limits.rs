//! Strangers that ask too slowly, or for too much.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::*;

/// Longer than any head may take.
const TOO_LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_head_that_dribbles_is_cut_off() {
    let setup = setup().await;
    let front = &setup.front;
    let mut stream = tls(front).await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n").await.unwrap();
    let began = Instant::now();
    let mut said = Vec::new();
    let dribble = async {
        let mut rest = [0; 512];
        loop {
            if stream.write_all(b"x-a: b\r\n").await.is_err() {
                return;
            }
            match timeout(Duration::from_millis(300), stream.read(&mut rest)).await {
                Ok(Ok(0) | Err(_)) => return,
                Ok(Ok(count)) => said.extend_from_slice(&rest[..count]),
                Err(_) => {}
            }
        }
    };
    timeout(TOO_LONG, dribble).await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(4));
    assert!(!String::from_utf8_lossy(&said).contains(" 200 "));
}

#[tokio::test]
async fn somebody_who_says_nothing_is_cut_off() {
    let setup = setup().await;
    let front = &setup.front;
    let mut stream = TcpStream::connect(address(front)).await.unwrap();
    let mut said = Vec::new();
    timeout(TOO_LONG, stream.read_to_end(&mut said)).await.unwrap().unwrap();
    assert!(said.is_empty());
}

#[tokio::test]
async fn an_endless_head_is_refused() {
    let setup = setup().await;
    let front = &setup.front;
    let mut stream = tls(front).await;
    let head = format!("GET / HTTP/1.1\r\nHost: h\r\nX-Long: {}\r\n\r\n", "a".repeat(64 * 1024));
    let _ = stream.write_all(head.as_bytes()).await;
    let mut said = Vec::new();
    let _ = timeout(TOO_LONG, stream.read_to_end(&mut said)).await.unwrap();
    let said = String::from_utf8_lossy(&said);
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 431"), "{said}");
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let setup = setup().await;
    let front = &setup.front;
    for bad in ["CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n", "nonsense\r\n\r\n"] {
        let mut stream = tls(front).await;
        stream.write_all(bad.as_bytes()).await.unwrap();
        let mut said = [0; 12];
        stream.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"HTTP/1.1 400", "{bad}");
    }
}

#[tokio::test]
async fn a_used_port_is_one_clear_sentence() {
    let setup = setup().await;
    let front = &setup.front;
    let folder = tempfile::tempdir().unwrap();
    let options =
        LanOptions { port: address(front).port(), folder: folder.path().to_owned(), address: Some(LOOPBACK) };
    let error = LanFront::start(options).await.unwrap_err().to_string();
    let us = format!("process {}", std::process::id());
    assert!(error.contains(&us) && error.contains("--lan-port"), "{error}");
}
