//! A connection pooler in its transaction mode, as small as it can be: clients are given whichever backend is free, and
//! give it back when it says that no transaction is open.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use holdfast_devstack::postgres::socket_in;
use holdfast_devstack::proxy::frame;
use holdfast_tests::TestDatabase;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Mutex, Semaphore};

/// Which of the free backends is next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Next {
    /// The one that was given back last, as most poolers do it.
    Last,
    /// The one that was given back first.
    First,
}

/// A pooler; it ends with the test.
pub(crate) struct TransactionPooler {
    socket_folder: PathBuf,
}

struct Pool {
    postgres: PathBuf,
    next: Next,
    free: Mutex<VecDeque<UnixStream>>,
    turns: Semaphore,
}

impl TransactionPooler {
    /// A pooler of so many backends, which it makes as its first clients ask for them.
    pub(crate) async fn start(socket_folder: &Path, postgres: PathBuf, size: usize, next: Next) -> Self {
        let listener = UnixListener::bind(socket_in(socket_folder)).unwrap();
        let pool = Arc::new(Pool { postgres, next, free: Mutex::default(), turns: Semaphore::new(size) });
        tokio::spawn(async move {
            let mut made = 0;
            while let Ok((mut client, _)) = listener.accept().await {
                let Ok(mut hello) = frame::read_first(&mut client).await else { continue };
                if hello.asks_for_encryption() {
                    client.write_u8(b'N').await.unwrap();
                    hello = frame::read_first(&mut client).await.unwrap();
                }
                // All clients of a test say the same, so whoever comes first may speak for all.
                while made < size {
                    let backend = pool.connect(&hello.bytes).await;
                    pool.free.lock().await.push_back(backend);
                    made += 1;
                }
                greet(&mut client).await;
                tokio::spawn(serve(client, Arc::clone(&pool)));
            }
        });
        Self { socket_folder: socket_folder.to_owned() }
    }

    pub(crate) fn url(&self, database: &TestDatabase) -> String {
        let here = database.postgres().socket_folder().display().to_string();
        database.url().replace(&here, &self.socket_folder.display().to_string())
    }
}

impl Pool {
    async fn connect(&self, hello: &[u8]) -> UnixStream {
        let mut backend = UnixStream::connect(&self.postgres).await.unwrap();
        backend.write_all(hello).await.unwrap();
        while frame::read(&mut backend).await.unwrap().tag() != b'Z' {}
        backend
    }

    async fn take(&self) -> UnixStream {
        self.turns.acquire().await.unwrap().forget();
        let mut free = self.free.lock().await;
        let backend = match self.next {
            Next::Last => free.pop_back(),
            Next::First => free.pop_front(),
        };
        backend.expect("as many turns as backends")
    }

    async fn give_back(&self, backend: UnixStream) {
        self.free.lock().await.push_back(backend);
        self.turns.add_permits(1);
    }
}

/// Lets a client in without a password, under a number of its own, and says that it may ask.
async fn greet(client: &mut UnixStream) {
    let greeting: [&[u8]; 3] = [b"R\0\0\0\x08\0\0\0\0", b"K\0\0\0\x0c\0\0\0\x07\0\0\0\x07", b"Z\0\0\0\x05I"];
    client.write_all(&greeting.concat()).await.unwrap();
}

async fn serve(mut client: UnixStream, pool: Arc<Pool>) {
    let mut held = None;
    let mut asked = Vec::new();
    while let Ok(question) = frame::read(&mut client).await {
        asked.extend_from_slice(question.bytes());
        if !matches!(question.tag(), b'Q' | b'S') {
            continue;
        }
        let mut backend = match held.take() {
            Some(backend) => backend,
            None => pool.take().await,
        };
        backend.write_all(&std::mem::take(&mut asked)).await.unwrap();
        let ready = loop {
            let answer = frame::read(&mut backend).await.unwrap();
            if client.write_all(answer.bytes()).await.is_err() {
                return;
            }
            if answer.tag() == b'Z' {
                break answer;
            }
        };
        if ready.body() == b"I" {
            pool.give_back(backend).await;
        } else {
            held = Some(backend);
        }
    }
}
