//! What names an action: its place in its character's sequence, and a nonce.
//!
//! The sequence alone would not do: two devices of one account may both have given an action the number 7 before
//! either of them heard from the server. The nonce tells the two sevens apart.

use core::fmt;

use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

/// An action's place among its character's actions, over all sessions. The first is 1; zero means "none yet".
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Schema,
)]
pub struct Seq(pub u64);

impl Seq {
    /// The place after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// Random bits that a client gives an action once, and keeps when it sends the action again.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Schema,
)]
pub struct Nonce(pub u32);

/// An action's whole name within its character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Schema)]
pub struct ActionName {
    /// Its place in the character's sequence.
    pub seq: Seq,
    /// What tells it from another action at the same place.
    pub nonce: Nonce,
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
