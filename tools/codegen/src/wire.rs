//! All that crosses the socket: the engine's messages, and what the village adds to them.

use std::path::Path;

use anyhow::{Context as _, Result};
use holdfast::App;
use holdfast_protocol::error::ENGINE_CODES;
use holdfast_protocol::{ClientMessage, CodeEntry, ServerMessage};
use postcard_schema::Schema;

use crate::docs::Docs;
use crate::model::{Kind, Shape, TypeDef, Types, Variant};
use crate::names::{pascal_case, snake_case};

/// What a client and a server of the village say to each other.
pub(crate) struct Wire {
    /// Everything that is reached from [`ClientMessage`] and [`ServerMessage`], and then what only the game's types
    /// reach.
    pub(crate) types: Types,
    /// How many of these are the engine's: they stand first.
    engine_count: usize,
    pub(crate) game: GameTypes,
    pub(crate) engine_codes: Vec<CodeEntry>,
}

/// What a game adds to the wire.
pub(crate) struct GameTypes {
    /// The game's name, in snake_case.
    pub(crate) name: &'static str,
    /// The type of an action's bytes: each verb's tag, then its payload.
    pub(crate) verb: TypeDef,
    /// The parts that entities have. Their tags do not stand in their bytes.
    pub(crate) part: TypeDef,
    /// The verbs that reply, and with what.
    pub(crate) replies: Vec<(String, Shape)>,
    pub(crate) codes: Vec<CodeEntry>,
}

impl Wire {
    /// The wire of the village, as its sources at `root` describe it.
    pub(crate) fn of_village(root: &Path) -> Result<Self> {
        let mut types = Types::default();
        let docs = Docs::read(root, &["shared/src"])?;
        types.reach(ClientMessage::SCHEMA, &docs)?;
        types.reach(ServerMessage::SCHEMA, &docs)?;
        let engine_count = types.len();

        let docs = Docs::read(root, &["shared/src", "server/village/src"])?;
        let wire = App::of::<village::Village>().wire();
        let prefix = pascal_case(wire.name);
        let mut verbs = Vec::new();
        for (tag, name, schema) in &wire.actions {
            let content = types.reach(schema, &docs)?;
            let docs = docs.of(schema.name)?.to_owned();
            verbs.push(Variant {
                tag: u32::from(*tag),
                name: (*name).to_owned(),
                docs,
                content: Some(content),
            });
        }
        let mut parts = Vec::new();
        for (tag, name, schema) in &wire.parts {
            let content = types.reach(schema, &docs)?;
            let name = name.strip_suffix("Wire").unwrap_or(name);
            // What a component is stands in its first paragraph; what follows is for those who work on it.
            let docs = docs.of(name)?.split("\n\n").next().unwrap_or_default().to_owned();
            parts.push(Variant {
                tag: u32::from(*tag),
                name: snake_case(name),
                docs,
                content: Some(content),
            });
        }
        let mut replies = Vec::new();
        for (tag, schema) in &wire.replies {
            let verb = verbs.iter().find(|verb| verb.tag == u32::from(*tag));
            let verb = verb.with_context(|| format!("no verb has the tag {tag}"))?.name.clone();
            replies.push((verb, types.reach(schema, &docs)?));
        }
        let game = GameTypes {
            name: wire.name,
            verb: TypeDef {
                name: format!("{prefix}Verb"),
                docs: format!("What can be done in the {}: the bytes of an `Act`'s `action`.", wire.name),
                kind: Kind::Enum(verbs),
            },
            part: TypeDef {
                name: format!("{prefix}Part"),
                docs: format!(
                    "What entities of the {} are made of: the bytes of a `Part`'s `body`.",
                    wire.name
                ),
                kind: Kind::Enum(parts),
            },
            replies,
            codes: wire.codes,
        };
        Ok(Self { types, engine_count, game, engine_codes: ENGINE_CODES.to_vec() })
    }

    /// The engine's types.
    pub(crate) fn engine_types(&self) -> impl Iterator<Item = &TypeDef> {
        self.types.iter().take(self.engine_count)
    }

    /// The types that only the game has.
    pub(crate) fn game_types(&self) -> impl Iterator<Item = &TypeDef> {
        self.types.iter().skip(self.engine_count)
    }
}
