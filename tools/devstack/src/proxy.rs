//! A proxy between a server and its PostgreSQL that holds, cuts or swallows what passes: faults, made at the instant
//! at which they hurt. What can become of a flush is said in [`fate`].

mod connection;
mod control;
pub mod conversation;
pub mod fate;
pub mod frame;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::net::UnixListener;
use tokio::task::JoinHandle;

use crate::background;
use crate::postgres::roles::WRITER;
use crate::postgres::{socket_in, url};
use control::Control;

pub use fate::{CommitCut, FlushPlan, Hold, Window};

/// A proxy. Connections through it end when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    socket_folder: PathBuf,
    control: Arc<Control>,
    listener: JoinHandle<()>,
}

impl Proxy {
    /// Starts to listen in `socket_folder` for clients of the PostgreSQL whose socket is `postgres`.
    ///
    /// # Errors
    /// Where the socket cannot be made.
    pub async fn start(socket_folder: &Path, postgres: PathBuf) -> Result<Self> {
        let socket = socket_in(socket_folder);
        let control = Arc::new(Control::new());
        let runtime = background::handle()?;
        let listening = runtime.spawn(async move { UnixListener::bind(&socket) });
        let listener = listening.await?.context("make the proxy's socket")?;
        let listener = runtime.spawn(connection::accept(listener, postgres, Arc::clone(&control)));
        Ok(Self { socket_folder: socket_folder.to_owned(), control, listener })
    }

    /// Where a database is when a server reaches it through the proxy.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        url(&self.socket_folder, database, WRITER)
    }

    /// Says what is done with flushes from now on. One that is being held already is held to its end.
    pub fn set_plan(&self, plan: FlushPlan) {
        self.control.set_plan(plan);
    }

    /// Lets everything pass from now on, also what is being held.
    pub fn release(&self) {
        self.control.release();
    }

    /// How many flushes have come by.
    #[must_use]
    pub fn flush_count(&self) -> u64 {
        self.control.flush_count()
    }

    /// Waits until a flush begins to be held, counting from when this is called. The caller then has the hold's
    /// duration to do his worst.
    pub async fn next_window(&self) -> Hold {
        self.control.next_window().await
    }

    /// How many holds have come to their end by themselves: the flush went on, neither released nor cut off by a death.
    #[must_use]
    pub fn expired_count(&self) -> u64 {
        self.control.expired_count()
    }

    /// Cuts the connection of the next flush that comes by, like this. What is planned for all does not touch that
    /// flush; other connections and later flushes are not cut. It takes the place of a cut that has met no flush yet.
    pub fn cut_next(&self, cut: CommitCut) {
        self.control.cut_next(cut);
    }

    /// Waits until the cut that was asked for has struck: from that instant on the server can notice. At once where
    /// none is to come. It does not return where the flush that was to suffer it ended otherwise, as when PostgreSQL
    /// died under it: whoever waits sets a limit.
    pub async fn cut_done(&self) {
        self.control.cut_done().await;
    }

    /// Cuts all connections. New ones can be made at once.
    pub fn cut(&self) {
        self.control.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Lets each reply of PostgreSQL come so much later from now on, as a slow disk would.
    pub fn set_latency(&self, latency: Duration) {
        self.control.latency.send_replace(latency);
    }

    /// Lets nothing pass, in either direction, without closing anything; or lets everything pass again. That one side
    /// has closed does not pass either.
    pub fn set_blackhole(&self, swallow: bool) {
        self.control.blackhole.send_replace(swallow);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listener.abort();
        self.cut();
    }
}
