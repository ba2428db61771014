//! A client that plays by itself: the adapter that gives [`ClientCore`] a socket, a clock and randomness.
//!
//! One task owns the socket and drives the core; the handle shares the core with it, so that an action is named and
//! kept before [`Client::act`] returns, with or without a connection. The task reconnects by itself until it is told
//! to leave, the last refusal is terminal, or the time to resume is over.

mod config;
mod task;

use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use holdfast_protocol::{ActionName, encode};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::copy::WorldCopy;
use crate::core::{ClientCore, Kept, Stage};
use crate::event::Ending;
use crate::unanswered::CannotAct;

pub use config::{ActionsOf, ClientConfig, Observer, Settled, TokenSource};

/// How many settled actions a client remembers for [`Client::wait_verdict`]; the oldest is forgotten first.
const SETTLED_MAX: usize = 1_024;

/// What handle and task share.
struct Shared {
    core: ClientCore,
    rng: StdRng,
    settled: VecDeque<(ActionName, Settled)>,
    welcome_count: u64,
    bytes_received: u64,
    ending: Option<Ending>,
    online: bool,
    /// The socket that there is now is to be dropped as it stands.
    cut: bool,
    leaving: bool,
}

/// A client that plays. Dropping it drops the socket, without leaving.
pub struct Client<G: ActionsOf> {
    shared: Arc<Mutex<Shared>>,
    /// Wakes the task: something is to be sent, or the wish for a connection has changed.
    wake: watch::Sender<()>,
    /// Woken by the task after each event.
    changed: watch::Receiver<()>,
    task: JoinHandle<()>,
    game: PhantomData<fn() -> G>,
}

impl<G: ActionsOf> fmt::Debug for Client<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl<G: ActionsOf> Client<G> {
    /// Begins to play. Returns at once; [`Self::wait_until`] tells when the world is there.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn connect(config: ClientConfig, observer: impl Observer) -> Self {
        let core = match config.kept {
            Some(kept) => ClientCore::from_kept(config.build, kept),
            None => ClientCore::new(config.build, config.character),
        };
        let shared = Arc::new(Mutex::new(Shared {
            core,
            rng: StdRng::seed_from_u64(config.seed),
            settled: VecDeque::new(),
            welcome_count: 0,
            bytes_received: 0,
            ending: None,
            online: true,
            cut: false,
            leaving: false,
        }));
        let (wake, woken) = watch::channel(());
        let (tell, changed) = watch::channel(());
        let task = task::Task::new(
            &config.address,
            config.token,
            Arc::clone(&shared),
            woken,
            tell,
            Box::new(observer),
        );
        let task = tokio::spawn(task.run());
        Self { shared, wake, changed, task, game: PhantomData }
    }

    /// Does something: the action is kept until it has its answer, over any number of connections.
    ///
    /// # Errors
    /// Where too many actions are without an answer (wait for one of them), the first welcome has not come, or the
    /// action fits no frame.
    pub fn act(&self, action: &G::Action) -> Result<ActionName, CannotAct> {
        self.act_bytes(encode(action))
    }

    /// As [`Self::act`], with bytes that need not be an action: what a server must refuse.
    ///
    /// # Errors
    /// As [`Self::act`].
    pub fn act_bytes(&self, action: Vec<u8>) -> Result<ActionName, CannotAct> {
        let named = {
            let mut shared = self.lock();
            let Shared { core, rng, .. } = &mut *shared;
            core.act(action, rng)?
        };
        self.wake.send_replace(());
        Ok(named)
    }

    /// Waits until an action is settled. None where that does not come within `wait`, or is too long ago.
    pub async fn wait_verdict(&self, action: ActionName, wait: Duration) -> Option<Settled> {
        let settled = |shared: &Shared| {
            shared.settled.iter().rev().find(|(name, _)| *name == action).map(|(_, settled)| *settled)
        };
        self.wait_for(wait, settled).await
    }

    /// Acts, and waits until that is settled. None where it does not come within `wait`.
    ///
    /// # Errors
    /// As [`Self::act`].
    pub async fn act_and_wait(
        &self,
        action: &G::Action,
        wait: Duration,
    ) -> Result<Option<Settled>, CannotAct> {
        let name = self.act(action)?;
        Ok(self.wait_verdict(name, wait).await)
    }

    /// Waits until the copy is as `wanted`. False where it is not within `wait`.
    pub async fn wait_until(&self, wait: Duration, mut wanted: impl FnMut(&WorldCopy) -> bool) -> bool {
        self.wait_for(wait, |shared| wanted(shared.core.copy()).then_some(())).await.is_some()
    }

    /// Waits until the character is in the world and its state is there. False where it is not within `wait`.
    pub async fn wait_playing(&self, wait: Duration) -> bool {
        let playing = |shared: &Shared| {
            (shared.core.stage() == Stage::Playing && shared.core.copy().held().is_some()).then_some(())
        };
        self.wait_for(wait, playing).await.is_some()
    }

    /// Waits until no action is without an answer. False where that is not within `wait`.
    pub async fn wait_settled(&self, wait: Duration) -> bool {
        self.wait_for(wait, |shared| (shared.core.unanswered_count() == 0).then_some(())).await.is_some()
    }

    /// Waits until the client has stopped trying. None where it has not within `wait`.
    pub async fn wait_ending(&self, wait: Duration) -> Option<Ending> {
        self.wait_for(wait, |shared| shared.ending).await
    }

    async fn wait_for<T>(&self, wait: Duration, mut wanted: impl FnMut(&Shared) -> Option<T>) -> Option<T> {
        let mut changed = self.changed.clone();
        let search = async {
            loop {
                changed.mark_unchanged();
                if let Some(found) = wanted(&self.lock()) {
                    return Some(found);
                }
                if changed.changed().await.is_err() {
                    return wanted(&self.lock());
                }
            }
        };
        timeout(wait, search).await.ok().flatten()
    }

    /// Reads the copy.
    pub fn view<T>(&self, read: impl FnOnce(&WorldCopy) -> T) -> T {
        read(self.lock().core.copy())
    }

    /// Reads the state behind the client.
    pub fn core<T>(&self, read: impl FnOnce(&ClientCore) -> T) -> T {
        read(&self.lock().core)
    }

    /// How often the client has been welcomed.
    #[must_use]
    pub fn welcome_count(&self) -> u64 {
        self.lock().welcome_count
    }

    /// How many bytes of messages have come, over all connections.
    #[must_use]
    pub fn bytes_received(&self) -> u64 {
        self.lock().bytes_received
    }

    /// What another process needs to play on as this client.
    #[must_use]
    pub fn keep(&self) -> Kept {
        self.lock().core.keep()
    }

    /// Drops the socket as it stands, without a word: what a connection that breaks does. The client comes back by itself.
    /// Nothing happens where there is no socket.
    pub fn cut(&self) {
        self.lock().cut = true;
        self.wake.send_replace(());
    }

    /// Drops the socket and opens no other until [`Self::go_online`]: what a dead network does.
    pub fn go_offline(&self) {
        self.lock().online = false;
        self.wake.send_replace(());
    }

    /// The network is back.
    pub fn go_online(&self) {
        self.lock().online = true;
        self.wake.send_replace(());
    }

    /// Ends the session by the player's wish. [`Self::wait_ending`] tells when it is over.
    pub fn leave(&self) {
        {
            let mut shared = self.lock();
            shared.leaving = true;
            shared.core.leave();
        }
        self.wake.send_replace(());
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        lock(&self.shared)
    }
}

impl<G: ActionsOf> Drop for Client<G> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An observer that panicked has left the core itself whole.
fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
