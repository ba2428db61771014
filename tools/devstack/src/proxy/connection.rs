//! One connection through the proxy: both directions, each frame by frame.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, Interest};
use tokio::net::unix::ReadHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::time::sleep;

use super::control::Control;
use super::conversation::{Conversation, Reply};
use super::fate::{CommitCut, Fate, Hold, Window};
use super::frame::{self, Frame};

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
    let connection = Connection::new(control);
    let mut server = UnixStream::connect(postgres).await?;
    loop {
        let first = frame::read_first(&mut client).await?;
        connection.wait_for_passage().await;
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
    // Whichever side ends first takes the other along.
    tokio::select! {
        ended = connection.forward_questions(client_reader, server_writer) => ended,
        ended = connection.forward_answers(server_reader, client_writer) => ended,
    }
}

/// What the two directions of a connection share.
struct Connection<'a> {
    conversation: Mutex<Conversation>,
    /// Whether nothing passes on this connection, whatever holds for the others.
    blackhole: watch::Sender<bool>,
    control: &'a Control,
}

impl<'a> Connection<'a> {
    fn new(control: &'a Control) -> Self {
        Self { conversation: Mutex::default(), blackhole: watch::Sender::new(false), control }
    }

    async fn forward_questions(
        &self,
        mut client: impl AsyncRead + Unpin,
        mut server: impl AsyncWrite + Unpin,
    ) -> io::Result<()> {
        let mut is_to_be_reset = false;
        loop {
            let read = if is_to_be_reset {
                frame::read_short_of_sync(&mut client).await
            } else {
                frame::read(&mut client).await
            };
            // An end has to wait as well.
            self.wait_for_passage().await;
            let frame = read?;
            let fate_of_reply = match self.fate_of(&frame)? {
                Some(Fate::Hold(hold)) if hold.window == Window::BeforeForward => {
                    self.control.wait_out(hold).await;
                    self.wait_for_passage().await;
                    None
                }
                Some(Fate::Cut(CommitCut::DropRequest)) => {
                    swallow_flush(&mut client, frame).await?;
                    self.control.commit_cut_strikes();
                    return Err(io::Error::other("its flush was swallowed"));
                }
                other => other,
            };
            self.conversation().forwarded(&frame, fate_of_reply);
            server.write_all(frame.bytes()).await?;
            if is_to_be_reset && frame.tag() == b'S' {
                // What lies unread is to stay so until the reply has come.
                return std::future::pending().await;
            }
            is_to_be_reset |= fate_of_reply == Some(Fate::Cut(CommitCut::Reset));
        }
    }

    /// What becomes of the flush that forwarding this frame starts; none where it starts none, or one that passes.
    fn fate_of(&self, frame: &Frame) -> io::Result<Option<Fate>> {
        match self.conversation().client_says(frame) {
            Ok(true) => Ok(self.control.next_fate()),
            Ok(false) => Ok(None),
            Err(_) => Err(io::Error::other("more statements than the proxy follows")),
        }
    }

    async fn forward_answers(
        &self,
        mut server: ReadHalf<'_>,
        mut client: impl AsyncWrite + Unpin,
    ) -> io::Result<()> {
        let mut kept = Vec::new();
        let mut is_first_of_reply = true;
        loop {
            let read = frame::read(&mut server).await;
            self.wait_for_passage().await;
            let frame = read?;
            if is_first_of_reply {
                let latency = *self.control.latency.borrow();
                sleep(latency).await;
            }
            is_first_of_reply = frame.tag() == b'Z';
            let reply = self.conversation().server_says(&frame);
            kept.extend_from_slice(frame.bytes());
            match reply {
                Reply::Pass => {}
                Reply::Keep if kept.len() <= KEPT_BYTES_MAX => continue,
                Reply::Keep => return Err(io::Error::other("a longer reply than the proxy keeps")),
                Reply::Due(Fate::Hold(hold)) => self.hold_reply(hold, &server).await?,
                Reply::Due(Fate::Cut(cut)) => self.cut(cut, &mut server, &mut client).await?,
            }
            self.wait_for_passage().await;
            client.write_all(&kept).await?;
            kept.clear();
        }
    }

    async fn hold_reply(&self, hold: Hold, server: &ReadHalf<'_>) -> io::Result<()> {
        tokio::select! {
            () = self.control.wait_out(hold) => Ok(()),
            () = end_of(server) => {
                Err(io::Error::new(io::ErrorKind::UnexpectedEof, "PostgreSQL is gone, and its reply with it"))
            }
        }
    }

    /// Does what is to be done once a flush is committed. Where that is no error the reply is delivered after all.
    async fn cut(
        &self,
        cut: CommitCut,
        server: &mut (impl AsyncRead + Unpin),
        client: &mut (impl AsyncWrite + Unpin),
    ) -> io::Result<()> {
        match cut {
            CommitCut::LateReply(delay) => {
                self.blackhole.send_replace(true);
                self.control.commit_cut_strikes();
                sleep(delay).await;
                self.blackhole.send_replace(false);
                return Ok(());
            }
            CommitCut::HalfClose => {
                client.shutdown().await?;
                self.control.commit_cut_strikes();
                tokio::io::copy(server, &mut tokio::io::sink()).await?;
            }
            CommitCut::DropRequest | CommitCut::DropReply | CommitCut::Reset => {
                self.control.commit_cut_strikes();
            }
        }
        Err(io::Error::other("the reply to its flush was swallowed"))
    }

    /// Waits until something may pass.
    async fn wait_for_passage(&self) {
        for blackhole in [&self.control.blackhole, &self.blackhole] {
            // It cannot fail: both senders outlive this.
            let _ = blackhole.subscribe().wait_for(|swallows| !swallows).await;
        }
    }

    fn conversation(&self) -> MutexGuard<'_, Conversation> {
        self.conversation.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the rest of the flush that `frame` starts: a socket that is closed with something unread in it is reset.
async fn swallow_flush(client: &mut (impl AsyncRead + Unpin), mut frame: Frame) -> io::Result<()> {
    while !matches!(frame.tag(), b'S' | b'Q') {
        frame = frame::read(client).await?;
    }
    Ok(())
}

/// Waits until PostgreSQL has gone: where it dies while its reply is held, the reply is lost with it.
async fn end_of(server: &ReadHalf<'_>) {
    /// What it has said may lie there unread, which is why its end has to be asked for again and again.
    const STEP: Duration = Duration::from_millis(2);
    loop {
        sleep(STEP).await;
        match tokio::time::timeout(Duration::ZERO, server.ready(Interest::READABLE)).await {
            Ok(Ok(ready)) if !ready.is_read_closed() => {}
            Ok(_) => return,
            Err(_) => {}
        }
    }
}
