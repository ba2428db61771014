//! What was appended.

use bevy_ecs::component::Component;
use holdfast::persistence::cell_value::{CellValue, Cells, column};
use holdfast::persistence::durable::{Column, Durable, Row, RowError};
use holdfast::{Audience, Replicate};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

/// How many tokens a tape holds.
pub const TAPE_TOKENS_MAX: usize = 256;

/// Tokens in the order in which they were appended.
#[derive(Component, Clone, Debug, Default, PartialEq, Eq)]
pub struct Tape {
    /// At most [`TAPE_TOKENS_MAX`].
    pub tokens: Vec<u64>,
}

/// A tape on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct TapeWire {
    /// At most 256 tokens, in the order in which they were appended.
    pub tokens: Vec<u64>,
}

impl Durable for Tape {
    const TABLE: &'static str = "tapes";
    const COLUMNS: &'static [Column] = &[column::<Vec<u64>>("tokens")];

    fn to_row(&self) -> Row {
        Row(vec![self.tokens.to_cell()])
    }

    fn from_row(row: &Row) -> Result<Self, RowError> {
        let fits = |tokens: Vec<u64>| (tokens.len() <= TAPE_TOKENS_MAX).then_some(tokens);
        Ok(Self { tokens: Cells::of(row).next_where("tokens", fits)? })
    }
}

impl Replicate for Tape {
    const TAG: u16 = 2;
    const AUDIENCE: Audience = Audience::View;
    type Wire = TapeWire;

    fn wire(&self) -> TapeWire {
        TapeWire { tokens: self.tokens.clone() }
    }
}
