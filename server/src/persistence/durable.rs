//! How a game's component is a row of a typed table.
//!
//! Every durable component has a table of its own, `(world, entity, tick, …columns)`, so that players' data can be
//! read in plain SQL. The engine collects what changed, flushes it and loads it again knowing no more of a component
//! than this file says.

use bevy_ecs::component::Component;

/// A column's type in PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// `boolean`
    Bool,
    /// `smallint`
    SmallInt,
    /// `integer`
    Int,
    /// `bigint`
    BigInt,
    /// `text`: no NUL characters
    Text,
    /// `text` that somebody wrote as they liked: no NUL characters, and no row image holds it.
    FreeText,
    /// `bytea`: begins with a format version
    Bytes,
    /// `bigint[]`, one-dimensional, without nulls
    BigInts,
}

/// One column of a component's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Column {
    /// Its name: snake_case, and none of `world`, `entity`, `tick`.
    pub name: &'static str,
    /// Its type.
    pub ty: ColumnType,
    /// Whether it may be NULL.
    pub nullable: bool,
}

impl Column {
    /// A column that always has a value.
    #[must_use]
    pub const fn new(name: &'static str, ty: ColumnType) -> Self {
        Self { name, ty, nullable: false }
    }
}

/// One value in a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cell {
    /// NULL
    Null,
    /// A `boolean`.
    Bool(bool),
    /// A `smallint`.
    SmallInt(i16),
    /// An `integer`.
    Int(i32),
    /// A `bigint`.
    BigInt(i64),
    /// A `text`.
    Text(String),
    /// A `bytea`.
    Bytes(Vec<u8>),
    /// A `bigint[]`.
    BigInts(Vec<i64>),
}

impl Cell {
    /// The kind of what the cell holds: the name of its type in PostgreSQL, or `null`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        let ty = match self {
            Self::Null => return "null",
            Self::Bool(_) => ColumnType::Bool,
            Self::SmallInt(_) => ColumnType::SmallInt,
            Self::Int(_) => ColumnType::Int,
            Self::BigInt(_) => ColumnType::BigInt,
            Self::Text(_) => ColumnType::Text,
            Self::Bytes(_) => ColumnType::Bytes,
            Self::BigInts(_) => ColumnType::BigInts,
        };
        ty.sql_name()
    }
}

/// A component's columns, in the order in which it declares them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row(pub Vec<Cell>);

/// A component that the store keeps.
///
/// A value must survive the way into its row and back unchanged. Numbers that PostgreSQL has no type for (`u64`) are
/// stored bit for bit as the signed type of the same size.
pub trait Durable: Component + Clone + PartialEq {
    /// The name of its table.
    const TABLE: &'static str;
    /// Its columns, besides `world`, `entity` and `tick`.
    const COLUMNS: &'static [Column];

    /// The value as a row.
    fn to_row(&self) -> Row;

    /// The row as a value.
    ///
    /// # Errors
    /// Where the row holds what this component cannot be: the world then refuses to load, and names table and entity.
    fn from_row(row: &Row) -> Result<Self, RowError>;
}

/// A row that is no value of its component. It tells of what kind the cell is, and not what is in it: this ends in a
/// log, and a cell may hold what somebody said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column} holds {}, which does not fit", found.unwrap_or("nothing"))]
pub struct RowError {
    /// The offending column.
    pub column: &'static str,
    /// The kind of what it holds, as [`Cell::kind`] names it; nothing where the row is too short.
    pub found: Option<&'static str>,
}

/// A durable component's table, as the store needs to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TableDefinition {
    /// The table's name.
    pub table: &'static str,
    /// Its columns, besides `world`, `entity` and `tick`.
    pub columns: &'static [Column],
}

impl TableDefinition {
    /// The table of component `C`.
    #[must_use]
    pub const fn of<C: Durable>() -> Self {
        Self { table: C::TABLE, columns: C::COLUMNS }
    }
}
