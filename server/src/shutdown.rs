//! How the server learns that it is to stop, and how everybody in it learns it from there.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Says that the server is to stop. Whoever holds it can say so; the first word counts.
#[derive(Clone, Debug)]
pub struct StopTrigger(watch::Sender<bool>);

/// Hears that the server is to stop. Everybody holds a clone of their own.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

/// The two ends.
#[must_use]
pub fn channel() -> (StopTrigger, Stop) {
    let (sender, receiver) = watch::channel(false);
    (StopTrigger(sender), Stop(receiver))
}

impl StopTrigger {
    /// The server is to stop.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Says so at the first SIGTERM or SIGINT, from a task of its own.
    ///
    /// # Errors
    /// Where the process may not handle these signals.
    pub fn on_signals(&self) -> io::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let trigger = self.clone();
        tokio::spawn(async move {
            let name = tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            };
            tracing::info!(signal = name, "the server is going to stop");
            trigger.stop();
        });
        Ok(())
    }
}

impl Stop {
    /// Comes back when the server is to stop; at once where that was said already, or where nobody is left to say it.
    pub async fn requested(&mut self) {
        // An error means that every trigger is gone, and with them the server's reason to run.
        let _ = self.0.wait_for(|stop| *stop).await;
    }

    /// Whether the server is to stop.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everybody_hears_it_also_those_who_ask_late() {
        let (trigger, mut early) = channel();
        let mut late = early.clone();
        assert!(!early.is_requested());
        trigger.stop();
        early.requested().await;
        assert!(late.is_requested());
        late.requested().await;
    }
}
