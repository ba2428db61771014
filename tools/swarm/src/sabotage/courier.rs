//! A courier between a server and its PostgreSQL who can keep a flush in his hands, and deliver it later over a
//! connection of his own: as a pooler does whose backend was ended while a statement waited for it. While his hands are
//! full he takes nothing else: the server is cut off.
//!
//! Over a connection of its own a server's flush cannot arrive late: whoever takes a world over has ended that backend.
//! So this is where the fence alone stands between a flush and a world that is not its sender's any more.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use holdfast_devstack::postgres::roles::WRITER;
use holdfast_devstack::postgres::{socket_in, url};
use holdfast_devstack::proxy::frame::{self, Frame};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long PostgreSQL may take to answer what is delivered.
const DELIVERY_WAIT_MAX: Duration = Duration::from_secs(10);

/// What makes a statement a flush.
const MARK: &[u8] = b"flush_tick";

/// What asks for an answer to all that was said before.
const SYNC: &[u8] = &[b'S', 0, 0, 0, 4];

/// A courier. What he has in his hands goes with him.
pub(super) struct Courier {
    socket_folder: PathBuf,
    postgres: PathBuf,
    hands: Arc<Hands>,
    listener: JoinHandle<()>,
}

/// What connections share.
struct Hands {
    /// The entry by which the flush is known that is to be kept.
    wanted: Mutex<Option<u64>>,
    kept: watch::Sender<Option<Parcel>>,
}

/// A flush, and what must be said before it on a new connection.
#[derive(Clone, Debug)]
struct Parcel {
    startup: Vec<u8>,
    statement: Vec<u8>,
    flush: Vec<u8>,
}

/// What PostgreSQL said to a flush that came late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// It is written.
    Written,
    /// It was refused, with this code.
    Refused(String),
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written => f.write_str("written"),
            Self::Refused(code) => write!(f, "refused with {code}"),
        }
    }
}

impl Courier {
    /// Begins to carry between a socket in `socket_folder` and PostgreSQL's.
    pub(super) fn start(socket_folder: &Path, postgres: PathBuf) -> Result<Self> {
        let listener = UnixListener::bind(socket_in(socket_folder)).context("make the courier's socket")?;
        let hands = Arc::new(Hands { wanted: Mutex::new(None), kept: watch::Sender::new(None) });
        let listener = tokio::spawn(accept(listener, postgres.clone(), Arc::clone(&hands)));
        Ok(Self { socket_folder: socket_folder.to_owned(), postgres, hands, listener })
    }

    /// Where a database is when a server reaches it through him.
    pub(super) fn url(&self, database: &str) -> String {
        url(&self.socket_folder, database, WRITER)
    }

    /// He will keep the next flush that carries this entry, and no other.
    pub(super) fn keep(&self, entry: u64) {
        *self.hands.wanted() = Some(entry);
    }

    /// Waits until he has it.
    pub(super) async fn has_it(&self, wait: Duration) -> Result<()> {
        let mut kept = self.hands.kept.subscribe();
        timeout(wait, kept.wait_for(Option::is_some)).await.context("the flush did not come by")??;
        Ok(())
    }

    /// Delivers it now, and has his hands free again.
    pub(super) async fn deliver(&self) -> Result<Delivery> {
        let parcel = self.hands.kept.borrow().clone().context("the courier's hands are empty")?;
        let delivered = timeout(DELIVERY_WAIT_MAX, deliver(&self.postgres, &parcel)).await;
        self.hands.kept.send_replace(None);
        Ok(delivered.context("PostgreSQL does not answer the courier")??)
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Hands {
    fn wanted(&self) -> MutexGuard<'_, Option<u64>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether these bytes are the flush that is to be kept; it is wanted once.
    fn take_if_wanted(&self, said: &[u8]) -> bool {
        let mut wanted = self.wanted();
        let is_it = wanted.is_some_and(|entry| contains(said, &entry.to_be_bytes()));
        if is_it {
            *wanted = None;
        }
        is_it
    }
}

async fn accept(listener: UnixListener, postgres: PathBuf, hands: Arc<Hands>) {
    while let Ok((client, _)) = listener.accept().await {
        let (postgres, hands) = (postgres.clone(), Arc::clone(&hands));
        // A connection that ends is told to its two ends by being closed.
        tokio::spawn(async move { carry(client, &postgres, &hands).await });
    }
}

async fn carry(mut client: UnixStream, postgres: &Path, hands: &Hands) -> io::Result<()> {
    // It cannot fail: the sender outlives the connection.
    let _ = hands.kept.subscribe().wait_for(Option::is_none).await;
    let mut server = UnixStream::connect(postgres).await?;
    let startup = loop {
        let first = frame::read_first(&mut client).await?;
        server.write_all(&first.bytes).await?;
        if !first.asks_for_encryption() {
            break first.bytes;
        }
        // Over a socket of this machine PostgreSQL always says no, and the client begins anew.
        client.write_u8(server.read_u8().await?).await?;
    };
    let (mut client_reader, mut client_writer) = client.split();
    let (mut server_reader, mut server_writer) = server.split();
    // Whichever side ends first takes the other along.
    tokio::select! {
        ended = carry_questions(&mut client_reader, &mut server_writer, startup, hands) => ended,
        ended = tokio::io::copy(&mut server_reader, &mut client_writer) => ended.map(drop),
    }
}

async fn carry_questions(
    client: &mut (impl AsyncRead + Unpin),
    server: &mut (impl AsyncWrite + Unpin),
    startup: Vec<u8>,
    hands: &Hands,
) -> io::Result<()> {
    let mut statement = Vec::new();
    let mut said = Vec::new();
    loop {
        let frame = frame::read(client).await?;
        if frame.tag() == b'P' && contains(frame.body(), MARK) {
            statement = frame.bytes().to_vec();
        }
        said.extend_from_slice(frame.bytes());
        // Up to here more belongs to it, and nobody waits for an answer.
        if matches!(frame.tag(), b'P' | b'B' | b'D' | b'E' | b'C') {
            continue;
        }
        if hands.take_if_wanted(&said) {
            let (startup, statement) = (startup.clone(), statement.clone());
            let flush = std::mem::take(&mut said);
            hands.kept.send_replace(Some(Parcel { startup, statement, flush }));
        } else {
            server.write_all(&said).await?;
            said.clear();
        }
    }
}

async fn deliver(postgres: &Path, parcel: &Parcel) -> io::Result<Delivery> {
    let mut server = UnixStream::connect(postgres).await?;
    let statement = [parcel.statement.as_slice(), SYNC].concat();
    let mut said = Delivery::Written;
    for message in [&parcel.startup, &statement, &parcel.flush] {
        server.write_all(message).await?;
        if let Some(code) = answer(&mut server).await? {
            said = Delivery::Refused(code);
        }
    }
    Ok(said)
}

/// Reads up to where PostgreSQL waits for the next question, and hands out the code of the error that it told.
async fn answer(server: &mut UnixStream) -> io::Result<Option<String>> {
    let mut code = None;
    loop {
        let frame = frame::read(server).await?;
        match frame.tag() {
            b'E' => code = sqlstate(&frame),
            b'Z' => return Ok(code),
            _ => {}
        }
    }
}

/// An error has fields, each a letter and a text; the one of `C` is its code.
fn sqlstate(error: &Frame) -> Option<String> {
    let fields = error.body().split(|byte| *byte == 0);
    let code = fields.filter_map(<[u8]>::split_first).find(|(letter, _)| **letter == b'C');
    code.map(|(_, text)| String::from_utf8_lossy(text).into_owned())
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_error_tells_its_code() {
        let fields = b"SERROR\0VERROR\0CGW001\0Manother epoch owns the world\0\0";
        let mut bytes = vec![b'E', 0, 0, 0, u8::try_from(fields.len() + 4).unwrap()];
        bytes.extend_from_slice(fields);
        let frame = frame::read(&mut bytes.as_slice()).await.unwrap();
        assert_eq!(sqlstate(&frame).as_deref(), Some("GW001"));
    }

    #[test]
    fn only_the_flush_with_the_entry_is_kept_and_only_once() {
        let hands = Hands { wanted: Mutex::new(Some(7)), kept: watch::Sender::new(None) };
        let with = |entry: u64| [b"...".as_slice(), &entry.to_be_bytes()].concat();
        assert!(!hands.take_if_wanted(&with(8)));
        assert!(hands.take_if_wanted(&with(7)));
        assert!(!hands.take_if_wanted(&with(7)), "sent again it passes");
    }
}
