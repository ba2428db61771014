//! A proxy between a server and its PostgreSQL that holds, cuts or swallows what passes: faults, made at the instant
//! at which they hurt.
//!
//! A flush can be held in two places, and the difference is what the tests are about: before it is forwarded nothing
//! of it is committed; before its reply is returned all of it is, and only the server does not know.

mod connection;
pub mod conversation;
pub mod frame;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::net::UnixListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::background;
use crate::postgres::roles::WRITER;
use crate::postgres::{socket_in, url};

/// Where a flush is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// PostgreSQL has not seen it: nothing is committed.
    BeforeForward,
    /// PostgreSQL has answered, and the server has not heard it: everything is committed.
    BeforeReply,
}

/// A flush that is to be held, or is held right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Where.
    pub window: Window,
    /// For how long.
    pub duration: Duration,
}

/// What is done with flushes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlushPlan {
    /// All of them pass.
    Pass,
    /// Each of them is held.
    Hold(Hold),
    /// Each of them is held for so long, in one of the two windows by lot.
    Seeded {
        /// The same seed draws the same lots.
        seed: u64,
        /// For how long.
        duration: Duration,
    },
}

impl FlushPlan {
    /// What becomes of the flush with this number; numbers begin at zero with each proxy.
    #[must_use]
    pub fn hold(self, number: u64) -> Option<Hold> {
        match self {
            Self::Pass => None,
            Self::Hold(hold) => Some(hold),
            Self::Seeded { seed, duration } => {
                let window = if lot(seed, number) { Window::BeforeForward } else { Window::BeforeReply };
                Some(Hold { window, duration })
            }
        }
    }
}

/// One bit per number, by the finaliser of splitmix64.
fn lot(seed: u64, number: u64) -> bool {
    let mut bits = seed.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits ^ (bits >> 31)) & 1 == 1
}

/// A proxy. Connections through it end when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    socket_folder: PathBuf,
    control: Arc<Control>,
    listener: JoinHandle<()>,
}

/// What the connections of a proxy share.
#[derive(Debug)]
pub(crate) struct Control {
    plan: Mutex<FlushPlan>,
    flushes: AtomicU64,
    /// The hold that began last.
    window: watch::Sender<Option<Hold>>,
    /// Changes when all that is held is to go on.
    releases: watch::Sender<u64>,
    /// Changes when all connections are to be cut.
    cuts: watch::Sender<u64>,
    /// Whether nothing passes, in either direction.
    blackhole: watch::Sender<bool>,
}

impl Control {
    /// What becomes of the flush that is just coming by.
    fn next_hold(&self) -> Option<Hold> {
        let number = self.flushes.fetch_add(1, Ordering::Relaxed);
        self.plan().hold(number)
    }

    fn plan(&self) -> FlushPlan {
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits as long as a hold lasts: for its duration, or until everything is released, which may have happened since
    /// the hold was decided on.
    async fn wait_out(&self, hold: Hold) {
        let mut releases = self.releases.subscribe();
        if self.plan() == FlushPlan::Pass {
            return;
        }
        self.announce(hold);
        // Either way it is over.
        let _ = tokio::time::timeout(hold.duration, releases.changed()).await;
    }

    /// Announces that a flush is being held from now on.
    fn announce(&self, hold: Hold) {
        self.window.send_replace(Some(hold));
    }
}

impl Proxy {
    /// Starts to listen in `socket_folder` for clients of the PostgreSQL whose socket is `postgres`.
    ///
    /// # Errors
    /// Where the socket cannot be made.
    pub async fn start(socket_folder: &Path, postgres: PathBuf) -> Result<Self> {
        let socket = socket_in(socket_folder);
        let control = Arc::new(Control {
            plan: Mutex::new(FlushPlan::Pass),
            flushes: AtomicU64::new(0),
            window: watch::Sender::new(None),
            releases: watch::Sender::new(0),
            cuts: watch::Sender::new(0),
            blackhole: watch::Sender::new(false),
        });
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
        *self.control.plan.lock().unwrap_or_else(PoisonError::into_inner) = plan;
    }

    /// Lets everything pass from now on, also what is being held.
    pub fn release(&self) {
        self.set_plan(FlushPlan::Pass);
        self.control.releases.send_modify(|releases| *releases += 1);
    }

    /// How many flushes have come by.
    #[must_use]
    pub fn flush_count(&self) -> u64 {
        self.control.flushes.load(Ordering::Relaxed)
    }

    /// Waits until a flush begins to be held, counting from when this is called. The caller then has the hold's
    /// duration to do his worst.
    pub async fn next_window(&self) -> Hold {
        let mut windows = self.control.window.subscribe();
        loop {
            // It cannot fail: the sender is ours.
            if windows.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
            if let Some(hold) = *windows.borrow_and_update() {
                return hold;
            }
        }
    }

    /// Cuts all connections. New ones can be made at once.
    pub fn cut(&self) {
        self.control.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Lets nothing pass, in either direction, without closing anything; or lets everything pass again.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_both_windows_and_always_the_same() {
        let draw = |seed| {
            let plan = FlushPlan::Seeded { seed, duration: Duration::from_millis(500) };
            (0..64).map(|number| plan.hold(number).unwrap().window).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert!(draw(7).contains(&Window::BeforeForward) && draw(7).contains(&Window::BeforeReply));
    }
}
