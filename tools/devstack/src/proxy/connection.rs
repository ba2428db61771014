//! One connection through the proxy: both directions, each frame by frame.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, Interest};
use tokio::net::unix::ReadHalf;
use tokio::net::{UnixListener, UnixStream};

use super::conversation::{Conversation, Reply};
use super::{Control, Window, frame};

/// The longest reply that is kept, in bytes; the connection of a longer one is cut. A flush answers with one number.
const KEPT_BYTES_MAX: usize = 1024 * 1024;

/// Serves clients until the proxy is dropped. One that does not reach PostgreSQL finds its connection closed.
pub(super) async fn accept(listener: UnixListener, postgres: PathBuf, control: Arc<Control>) {
    while let Ok((client, _)) = listener.accept().await {
        let (postgres, control) = (postgres.clone(), Arc::clone(&control));
        tokio::spawn(async move {
            let mut cuts = control.cuts.subscribe();
            tokio::select! {
                ended = converse(client, &postgres, &control) => {
                    if let Err(error) = ended {
                        tracing::debug!("a connection through the proxy ended: {error}");
                    }
                }
                _ = cuts.changed() => {}
            }
        });
    }
}

async fn converse(mut client: UnixStream, postgres: &Path, control: &Control) -> io::Result<()> {
    let mut server = UnixStream::connect(postgres).await?;
    loop {
        let first = frame::read_first(&mut client).await?;
        server.write_all(&first.bytes).await?;
        if !first.asks_for_encryption() {
            break;
        }
        // Over a socket of this machine PostgreSQL always says no, and the client begins anew.
        let answer = server.read_u8().await?;
        client.write_u8(answer).await?;
    }
    let (client_reader, client_writer) = client.split();
    let (server_reader, server_writer) = server.split();
    let conversation = Mutex::new(Conversation::default());
    // Whichever side ends first takes the other along.
    tokio::select! {
        ended = forward_questions(client_reader, server_writer, &conversation, control) => ended,
        ended = forward_answers(server_reader, client_writer, &conversation, control) => ended,
    }
}

async fn forward_questions(
    mut client: impl AsyncRead + Unpin,
    mut server: impl AsyncWrite + Unpin,
    conversation: &Mutex<Conversation>,
    control: &Control,
) -> io::Result<()> {
    loop {
        let frame = frame::read(&mut client).await?;
        let starts_flush = lock(conversation).client_says(&frame);
        let hold = match starts_flush {
            Ok(true) => control.next_hold(),
            Ok(false) => None,
            Err(_) => return Err(io::Error::other("more statements than the proxy follows")),
        };
        let (now, later) = match hold {
            Some(hold) if hold.window == Window::BeforeForward => (Some(hold), None),
            other => (None, other),
        };
        if let Some(hold) = now {
            control.wait_out(hold).await;
        }
        wait_for_passage(control).await;
        lock(conversation).forwarded(&frame, later);
        server.write_all(frame.bytes()).await?;
    }
}

async fn forward_answers(
    mut server: ReadHalf<'_>,
    mut client: impl AsyncWrite + Unpin,
    conversation: &Mutex<Conversation>,
    control: &Control,
) -> io::Result<()> {
    let mut kept = Vec::new();
    loop {
        let frame = frame::read(&mut server).await?;
        let reply = lock(conversation).server_says(&frame);
        kept.extend_from_slice(frame.bytes());
        match reply {
            Reply::Pass => {}
            Reply::Keep if kept.len() <= KEPT_BYTES_MAX => continue,
            Reply::Keep => return Err(io::Error::other("a longer reply than the proxy keeps")),
            Reply::Held(hold) => tokio::select! {
                () = control.wait_out(hold) => {}
                () = end_of(&server) => {
                    return Err(io::Error::new(
                        io::ErrorKind::UnexpectedEof,
                        "PostgreSQL is gone, and its reply with it",
                    ));
                }
            },
        }
        wait_for_passage(control).await;
        client.write_all(&kept).await?;
        kept.clear();
    }
}

/// Waits until PostgreSQL has gone: where it dies while its reply is held, the reply is lost with it.
async fn end_of(server: &ReadHalf<'_>) {
    /// What it has said may lie there unread, which is why its end has to be asked for again and again.
    const STEP: Duration = Duration::from_millis(2);
    loop {
        tokio::time::sleep(STEP).await;
        match tokio::time::timeout(Duration::ZERO, server.ready(Interest::READABLE)).await {
            Ok(Ok(ready)) if !ready.is_read_closed() => {}
            Ok(_) => return,
            Err(_) => {}
        }
    }
}

async fn wait_for_passage(control: &Control) {
    // It cannot fail: the sender outlives the connection.
    let _ = control.blackhole.subscribe().wait_for(|swallow| !swallow).await;
}

fn lock(conversation: &Mutex<Conversation>) -> std::sync::MutexGuard<'_, Conversation> {
    conversation.lock().unwrap_or_else(PoisonError::into_inner)
}
