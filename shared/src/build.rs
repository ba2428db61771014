//! The build id, by which client and server recognise each other, or do not.
//!
//! It hashes what both sides must agree on: the shape of every message, the registry of codes, the shape of the
//! game's actions and parts, and a name that each deployment sets anew (`HOLDFAST_BUILD`). No message crosses
//! between two builds but Hello, and the refusal that answers it.

use core::fmt;
use core::fmt::Write as _;

use postcard_schema::Schema;
use postcard_schema::schema::NamedType;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::ENGINE_CODES;
use crate::{ClientMessage, CodeEntry, ServerMessage};

/// A build's name on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Schema)]
pub struct BuildId(pub [u8; 16]);

/// What a game adds to the wire.
#[derive(Clone, Debug, Default)]
pub struct GameWire {
    /// The game's name.
    pub name: &'static str,
    /// Each verb's tag, name and payload.
    pub actions: Vec<(u8, &'static str, &'static NamedType)>,
    /// Each replicated part's tag, name and wire twin.
    pub parts: Vec<(u16, &'static str, &'static NamedType)>,
    /// For each verb that is answered at length: its tag, and what the reply's body holds.
    pub replies: Vec<(u8, &'static NamedType)>,
    /// The codes by which the game's rules say no.
    pub codes: Vec<CodeEntry>,
}

impl BuildId {
    /// The id of the build that speaks this crate's messages and `game`'s actions and parts, deployed as
    /// `deployment`.
    #[must_use]
    pub fn of(game: &GameWire, deployment: &str) -> Self {
        let mut hash = Sha256::new();
        let mut say = |text: String| {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        };
        say(deployment.to_owned());
        say(format!("{:?}", ClientMessage::SCHEMA));
        say(format!("{:?}", ServerMessage::SCHEMA));
        say(game.name.to_owned());
        for (tag, name, schema) in &game.actions {
            say(format!("action {tag} {name} {schema:?}"));
        }
        for (tag, name, schema) in &game.parts {
            say(format!("part {tag} {name} {schema:?}"));
        }
        for (tag, schema) in &game.replies {
            say(format!("reply {tag} {schema:?}"));
        }
        for entry in ENGINE_CODES.iter().chain(&game.codes) {
            say(format!("code {} {}", entry.code.0, entry.name));
        }
        let digest = hash.finalize();
        Self(*digest.first_chunk().expect("SHA-256 has 32 bytes"))
    }
}

impl fmt::Display for BuildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for BuildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut hex = String::new();
        write!(hex, "{self}")?;
        f.debug_tuple("BuildId").field(&hex).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_deployment_is_another_build() {
        let game = GameWire { name: "test", ..GameWire::default() };
        assert_eq!(BuildId::of(&game, "dev"), BuildId::of(&game, "dev"));
        assert_ne!(BuildId::of(&game, "dev"), BuildId::of(&game, "2026-11-24"));
    }

    #[test]
    fn a_changed_reply_is_another_build() {
        let with = |schema| GameWire { name: "test", replies: vec![(1, schema)], ..GameWire::default() };
        assert_ne!(BuildId::of(&with(u32::SCHEMA), "dev"), BuildId::of(&with(u64::SCHEMA), "dev"));
    }

    #[test]
    fn a_changed_payload_is_another_build() {
        let with =
            |schema| GameWire { name: "test", actions: vec![(1, "move", schema)], ..GameWire::default() };
        assert_ne!(BuildId::of(&with(u32::SCHEMA), "dev"), BuildId::of(&with(u64::SCHEMA), "dev"));
    }
}
