//! How often somebody has asked us to stop: Ctrl-C, SIGTERM, or a terminal that was closed.

use anyhow::{Context as _, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Counts the wishes to stop, also while nobody asks.
#[derive(Debug)]
pub(super) struct Interrupts(watch::Receiver<u32>);

impl Interrupts {
    /// From now on such a signal is counted instead of ending the process. Call it inside the async runtime.
    ///
    /// # Errors
    /// Where the process may not handle signals.
    pub(super) fn listen() -> Result<Self> {
        let (sender, receiver) = watch::channel(0);
        for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
            let signals = signal(kind).context("listen for Ctrl-C")?;
            tokio::spawn(count(signals, sender.clone()));
        }
        Ok(Self(receiver))
    }

    /// Comes back when somebody has asked once.
    pub(super) async fn first(&mut self) {
        self.reached(1).await;
    }

    /// Comes back when somebody has asked twice.
    pub(super) async fn second(&mut self) {
        self.reached(2).await;
    }

    async fn reached(&mut self, wished: u32) {
        if self.0.wait_for(|count| *count >= wished).await.is_err() {
            // Nobody counts any more: the runtime is going down, and with it whoever waits.
            std::future::pending::<()>().await;
        }
    }
}

async fn count(mut signals: Signal, counter: watch::Sender<u32>) {
    while signals.recv().await.is_some() {
        counter.send_modify(|count| *count = count.saturating_add(1));
    }
}
