//! What was committed, in the order in which it was: told by whoever stands beside the store.

use std::time::Duration;

use holdfast_protocol::{Epoch, Tick};
use serde::{Deserialize, Serialize};

/// One commit of a world: the taking of an ownership, a flush, or a beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// The ownership that wrote.
    pub epoch: Epoch,
    /// The tick that it follows.
    pub from: Tick,
    /// The tick that it makes durable.
    pub to: Tick,
    /// Whether anything but the world's own row changed.
    pub changed: bool,
    /// When it was committed, or somewhat before, by the clock of the clients' history; none where that is not known.
    pub at: Option<Duration>,
}

/// All commits of a run, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commits {
    /// In the order in which they became true.
    pub list: Vec<Commit>,
    /// Whether commits that changed nothing are among them: then each follows the one before exactly.
    pub with_beats: bool,
}
