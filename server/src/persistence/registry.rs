//! The game's component tables, checked and fingerprinted: what `flush_tick` is generated for.

use sha2::{Digest, Sha256};

use super::durable::{ColumnType, TableDefinition};

/// How many component tables a game may have. A function of PostgreSQL takes at most 100 arguments; a table needs two,
/// and thirteen are the engine's.
pub const TABLE_COUNT_MAX: usize = 43;

/// Raised whenever [`super::flush_function`] writes other text for the same tables: `migrate` then writes it anew.
const GENERATOR_VERSION: u32 = 3;

/// The engine's own tables, whose names no component may have.
const ENGINE_TABLES: &[&str] = &[
    "accounts",
    "character_actions",
    "characters",
    "chat",
    "engine_migrations",
    "entities",
    "epoch_ends",
    "game_migrations",
    "journal",
    "journal_entities",
    "registry",
    "retention",
    "row_images",
    "world_stores",
    "worlds",
];

/// A registry that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// More tables than a flush can carry.
    #[error("{0} component tables; a flush can carry {TABLE_COUNT_MAX}")]
    TooManyTables(usize),
    /// Not a name that a table or column can have.
    #[error(
        "{0:?} cannot be a component's table or column: lower case letters, digits and _, at most 50, not one of the engine's names"
    )]
    BadName(String),
    /// Two of one name.
    #[error("{0:?} is registered twice")]
    Duplicate(String),
}

impl ColumnType {
    /// The type's name as PostgreSQL prints it.
    #[must_use]
    pub const fn sql_name(self) -> &'static str {
        match self {
            Self::Bool => "boolean",
            Self::SmallInt => "smallint",
            Self::Int => "integer",
            Self::BigInt => "bigint",
            Self::Text | Self::FreeText => "text",
            Self::Bytes => "bytea",
            Self::BigInts => "bigint[]",
        }
    }
}

/// Whether a game's tables can be flushed at all.
///
/// # Errors
/// Where there are too many, or a name cannot be.
pub fn check_registry(tables: &[TableDefinition]) -> Result<(), RegistryError> {
    if tables.len() > TABLE_COUNT_MAX {
        return Err(RegistryError::TooManyTables(tables.len()));
    }
    for (index, table) in tables.iter().enumerate() {
        let taken = ENGINE_TABLES.contains(&table.table) || table.table.ends_with("_row");
        if taken || !is_name(table.table) {
            return Err(RegistryError::BadName(table.table.to_owned()));
        }
        if tables[..index].iter().any(|other| other.table == table.table) {
            return Err(RegistryError::Duplicate(table.table.to_owned()));
        }
        for (place, column) in table.columns.iter().enumerate() {
            if matches!(column.name, "world" | "entity" | "tick") || !is_name(column.name) {
                return Err(RegistryError::BadName(format!("{}.{}", table.table, column.name)));
            }
            if table.columns[..place].iter().any(|other| other.name == column.name) {
                return Err(RegistryError::Duplicate(format!("{}.{}", table.table, column.name)));
            }
        }
    }
    Ok(())
}

/// Fifty leaves room for what the generator appends; PostgreSQL cuts names off at 63.
fn is_name(name: &str) -> bool {
    name.len() <= 50
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// What names exactly these tables in exactly this order, and the generator that writes their `flush_tick`.
#[must_use]
pub fn fingerprint(tables: &[TableDefinition]) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("generator {GENERATOR_VERSION}\n"));
    for table in tables {
        hash.update(format!("table {}\n", table.table));
        for column in table.columns {
            hash.update(format!("{} {} {}\n", column.name, column.ty.sql_name(), column.nullable));
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persistence::durable::Column;

    const COLUMNS: &[Column] = &[Column::new("amount", ColumnType::BigInt)];
    const PURSES: TableDefinition = TableDefinition { table: "purses", columns: COLUMNS };

    fn named(table: &'static str) -> TableDefinition {
        TableDefinition { table, columns: COLUMNS }
    }

    #[test]
    fn names_that_cannot_be_are_refused() {
        assert_eq!(check_registry(&[PURSES]), Ok(()));
        for name in ["worlds", "purses_row", "Purses", "1st", "", "purses; DROP TABLE worlds", "\"purses\""] {
            assert_eq!(check_registry(&[named(name)]), Err(RegistryError::BadName(name.to_owned())));
        }
        assert_eq!(check_registry(&[PURSES, PURSES]), Err(RegistryError::Duplicate("purses".into())));
        const TICK: &[Column] = &[Column::new("tick", ColumnType::BigInt)];
        assert_eq!(
            check_registry(&[TableDefinition { table: "purses", columns: TICK }]),
            Err(RegistryError::BadName("purses.tick".into()))
        );
    }

    #[test]
    fn another_order_or_type_is_another_fingerprint() {
        const SMALL: &[Column] = &[Column::new("amount", ColumnType::Int)];
        assert_eq!(fingerprint(&[PURSES]), fingerprint(&[PURSES]));
        assert_ne!(
            fingerprint(&[PURSES]),
            fingerprint(&[TableDefinition { table: "purses", columns: SMALL }])
        );
        assert_ne!(fingerprint(&[PURSES, named("tapes")]), fingerprint(&[named("tapes"), PURSES]));
    }

    #[test]
    fn a_flush_takes_no_more_arguments_than_a_function_can() {
        let tables = vec![PURSES; TABLE_COUNT_MAX + 1];
        assert_eq!(check_registry(&tables), Err(RegistryError::TooManyTables(TABLE_COUNT_MAX + 1)));
    }
}
