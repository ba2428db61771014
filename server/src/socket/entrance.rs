//! Where this server stands with its world, and so what whoever comes to its door is told or given.
//!
//! Sockets and HTTP ask here and nowhere else. What somebody is let in under, an [`Ownership`], is theirs until they go:
//! when the world is loaded anew there is another one, with a hub and a trust of its own, so that nothing of an earlier
//! ownership can reach a later one, in either direction.

use std::sync::Arc;
use std::time::Duration;

use holdfast_front::Trust;
use holdfast_protocol::Code;
use tokio::sync::watch;
use tokio::time::timeout;

use super::HubSender;
use crate::clock;

/// How long whoever comes while the world is being loaded waits for that, before they are told to come again. A client
/// that hears nothing for four seconds gives its connection up.
const LOAD_WAIT: Duration = Duration::from_secs(3);

/// How long whoever comes to a standby waits for it to become the owner, before they are sent elsewhere. Most come
/// because the owner is gone: it has been killed, and the standby takes over within half a second; or it hangs, they have
/// heard nothing for four seconds, and its lease has a second to go. Part of [`LOAD_WAIT`].
const STANDBY_WAIT: Duration = Duration::from_millis(1_500);

/// The ownership under which somebody is let in.
#[derive(Clone, Debug)]
pub struct Ownership {
    /// Where sockets put what they hear.
    pub hub: HubSender,
    /// Whether this process may still speak for the world.
    pub trust: Arc<Trust>,
}

/// Where a server stands with its world.
#[derive(Clone, Debug)]
pub enum Standing {
    /// It is being opened, for the first time or anew.
    Loading,
    /// Another server owns it.
    Standby,
    /// It is this server's.
    Owner(Ownership),
    /// This server is going to stop.
    Stopping,
}

impl Standing {
    /// Why nobody is let in, where it needs no waiting to say so.
    fn refusal(&self) -> Option<Code> {
        match self {
            Self::Standby => Some(Code::NOT_OWNER),
            Self::Stopping => Some(Code::MAINTENANCE),
            Self::Loading | Self::Owner(_) => None,
        }
    }
}

/// The entrance. Begins as [`Standing::Loading`].
#[derive(Debug)]
pub struct Entrance(watch::Sender<Standing>);

impl Default for Entrance {
    fn default() -> Self {
        Self(watch::Sender::new(Standing::Loading))
    }
}

impl Entrance {
    /// What holds from now on. Whoever waits hears of it.
    pub fn set(&self, standing: Standing) {
        self.0.send_replace(standing);
    }

    /// Why nobody is let in, where it needs no waiting to say so.
    #[must_use]
    pub fn refusal(&self) -> Option<Code> {
        self.0.borrow().refusal()
    }

    /// The ownership to be let in under. While the world is being loaded this waits, three seconds at most; while another
    /// server owns it, half of that.
    ///
    /// # Errors
    /// The code of the reason why nobody is let in: each of them may be tried again.
    pub async fn admit(&self) -> Result<Ownership, Code> {
        let came = clock::now();
        let mut standing = self.0.subscribe();
        let in_charge = standing.wait_for(|standing| !matches!(standing, Standing::Standby));
        if timeout(STANDBY_WAIT, in_charge).await.is_err() {
            return Err(Code::NOT_OWNER);
        }
        let left = LOAD_WAIT.saturating_sub(clock::now().since(came));
        let settled = standing.wait_for(|standing| !matches!(standing, Standing::Loading));
        let Ok(Ok(settled)) = timeout(left, settled).await else { return Err(Code::WORLD_RELOADED) };
        match &*settled {
            Standing::Owner(ownership) => Ok(ownership.clone()),
            other => Err(other.refusal().unwrap_or(Code::WORLD_RELOADED)),
        }
    }

    /// Why an ownership that somebody was let in under is over.
    #[must_use]
    pub fn why_over(&self) -> Code {
        self.refusal().unwrap_or(Code::WORLD_RELOADED)
    }
}
