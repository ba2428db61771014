//! What bots know of the two worlds: what can be done, what a neighbour sees of it, and what proves something later.

pub mod ledger;
pub mod village;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use ::ledger::Ledger;
use ::meadow::Meadow;
use ::village::Village;
use ::village::map::Terrain;
use holdfast::Game as _;
use holdfast::action::Verbs as _;
use holdfast_client::{ActionsOf, WorldCopy};
use holdfast_protocol::{Code, EntityId};
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};

use holdfast_checker::recorder::Reading;
use holdfast_checker::{Meaning, View};

/// One of the worlds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
pub enum World {
    /// The tile world that strangers share.
    Village,
    /// The same rules on a meadow of 200 × 200 tiles, where thousands find room.
    Meadow,
    /// Accounts and tapes.
    Ledger,
}

/// Actions as the bytes that they are on the wire: bots of both worlds are driven by the same code.
#[derive(Debug)]
pub enum Bytes {}

impl ActionsOf for Bytes {
    type Action = ();
}

/// How bots append, where there are tapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appends {
    /// In how many of 100 cases a bot appends.
    pub percent: u32,
    /// How full a tape may be that a bot appends to, in a thousand: a tape is never emptied.
    pub full_permille: u32,
}

impl Appends {
    /// As often as suits, until the tapes are full.
    pub const FREELY: Self = Self { percent: 40, full_permille: 1_000 };
}

/// What a neighbour will see of an action: enough to know it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// A character stands on this tile.
    At(EntityId, u16, u16),
    /// This entry is on a tape.
    Entry(u64),
}

/// An action that a bot is going to ask for.
#[derive(Clone, Debug)]
pub struct BotAction {
    /// What it is on the wire.
    pub bytes: Vec<u8>,
    /// What it means to the checker.
    pub meaning: Meaning,
    /// What neighbours will see of it, where they see something.
    pub mark: Option<Mark>,
}

/// What became visible when an entity's part changed from the first body to the second.
type ReadNews = fn(EntityId, &[u8], &[u8]) -> Vec<Mark>;

/// What a watcher saw last, so that it knows what is new.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    known: BTreeMap<EntityId, Vec<u8>>,
    began: bool,
}

impl World {
    /// The name of its game, which is the name of its server's binary.
    #[must_use]
    pub fn game(self) -> &'static str {
        match self {
            Self::Village => Village::NAME,
            Self::Meadow => Meadow::NAME,
            Self::Ledger => Ledger::NAME,
        }
    }

    /// Its map; none where there is no ground.
    #[must_use]
    pub fn terrain(self) -> Option<&'static Terrain> {
        static VILLAGE: OnceLock<Terrain> = OnceLock::new();
        static MEADOW: OnceLock<Terrain> = OnceLock::new();
        match self {
            Self::Village => Some(VILLAGE.get_or_init(Terrain::built_in)),
            Self::Meadow => Some(MEADOW.get_or_init(::meadow::terrain)),
            Self::Ledger => None,
        }
    }

    /// What kind of character bots play.
    #[must_use]
    pub fn archetype(self) -> &'static str {
        let catalogue = match self {
            Self::Village => Village::ARCHETYPES,
            Self::Meadow => Meadow::ARCHETYPES,
            Self::Ledger => Ledger::ARCHETYPES,
        };
        catalogue.first().copied().unwrap_or_default()
    }

    /// How many characters have to be made so that so many of them play ([`Self::plays`]).
    #[must_use]
    pub fn characters_for(self, players: usize) -> usize {
        match self {
            Self::Village | Self::Meadow => players,
            Self::Ledger => ledger::accounts_for(players),
        }
    }

    /// Whether this character plays where tapes are to last: in the ledger, two of each group.
    #[must_use]
    pub fn plays(self, character: EntityId) -> bool {
        match self {
            Self::Village | Self::Meadow => true,
            Self::Ledger => ledger::is_of_pair(character),
        }
    }

    /// What the character `me` does next. `entry` is a number that is used only once in a run.
    pub fn next_action(
        self,
        me: EntityId,
        copy: &WorldCopy,
        entry: u64,
        appends: Appends,
        rng: &mut StdRng,
    ) -> BotAction {
        match self {
            Self::Village | Self::Meadow => village::next_action(me, copy, self.terrain(), rng),
            Self::Ledger => ledger::next_action(me, copy, entry, appends, rng),
        }
    }

    /// The name of the verb that these bytes are.
    #[must_use]
    pub fn verb_name(self, action: &[u8]) -> &'static str {
        let name = match self {
            Self::Village | Self::Meadow => village::verb_name(action),
            Self::Ledger => ledger::verb_name(action),
        };
        name.unwrap_or("unknown")
    }

    /// The name of a code, in the engine's registry or the game's.
    #[must_use]
    pub fn code_name(self, code: Code) -> String {
        let codes = match self {
            Self::Village | Self::Meadow => <Village as holdfast::Game>::Verbs::codes(),
            Self::Ledger => <Ledger as holdfast::Game>::Verbs::codes(),
        };
        codes
            .iter()
            .find(|entry| entry.code == code)
            .map_or_else(|| code.to_string(), |entry| entry.name.to_owned())
    }

    /// How to read a copy and a reply, as far as the checker must know: where there are no tapes, nothing is read.
    #[must_use]
    pub fn reading(self) -> Reading {
        match self {
            Self::Village | Self::Meadow => Reading { view: |_| View::default(), reply: |_| None },
            Self::Ledger => ledger_reading::READING,
        }
    }

    /// What others did that is new in the copy. It is to be looked at after each frame that was applied.
    pub fn news(self, me: EntityId, copy: &WorldCopy, seen: &mut Seen) -> Vec<Mark> {
        let (tag, read): (_, ReadNews) = match self {
            Self::Village | Self::Meadow => (village::POSITION, village::news),
            Self::Ledger => (ledger_reading::TAPE, ledger::news),
        };
        let mut marks = Vec::new();
        for id in copy.touched() {
            let Some(body) = copy.entity(*id).and_then(|(_, parts)| parts.get(&tag)) else {
                // What leaves the view and comes back counts as seen for the first time.
                seen.known.remove(id);
                continue;
            };
            let known = seen.known.entry(*id).or_default();
            if known != body {
                // What was there when the bot came, or came into its view, was done before.
                if seen.began && *id != me && !known.is_empty() {
                    marks.extend(read(*id, known, body));
                }
                known.clone_from(body);
            }
        }
        seen.began = true;
        marks
    }
}
