//! What somebody said.

use bevy_ecs::component::Component;
use holdfast::persistence::cell_value::{CellValue, Cells, column};
use holdfast::persistence::durable::{Column, ColumnType, Durable, Row, RowError};
use holdfast::protocol::{EntityId, Tick};
use holdfast::{Audience, Replicate};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

/// Words that hang in the air, where they were said, until they fade. Being things of the world, they reach also those
/// who come a little later.
#[derive(Component, Clone, Debug, PartialEq, Eq)]
pub struct Utterance {
    /// Who said it.
    pub speaker: EntityId,
    /// The speaker's name, who may have left by now.
    pub name: String,
    /// The words.
    pub text: String,
    /// When.
    pub said_at: Tick,
}

/// An utterance on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct UtteranceWire {
    /// Who said it.
    pub speaker: EntityId,
    /// The speaker's name.
    pub name: String,
    /// The words.
    pub text: String,
    /// When.
    pub said_at: Tick,
}

impl Durable for Utterance {
    const TABLE: &'static str = "utterances";
    const COLUMNS: &'static [Column] = &[
        column::<EntityId>("speaker"),
        column::<String>("name"),
        Column::new("text", ColumnType::FreeText),
        column::<Tick>("said_at"),
    ];

    fn to_row(&self) -> Row {
        Row(vec![self.speaker.to_cell(), self.name.to_cell(), self.text.to_cell(), self.said_at.to_cell()])
    }

    fn from_row(row: &Row) -> Result<Self, RowError> {
        let mut cells = Cells::of(row);
        Ok(Self {
            speaker: cells.next("speaker")?,
            name: cells.next("name")?,
            text: cells.next("text")?,
            said_at: cells.next("said_at")?,
        })
    }
}

impl Replicate for Utterance {
    const TAG: u16 = 6;
    const AUDIENCE: Audience = Audience::View;
    type Wire = UtteranceWire;

    fn wire(&self) -> UtteranceWire {
        let Self { speaker, name, text, said_at } = self.clone();
        UtteranceWire { speaker, name, text, said_at }
    }
}
