//! Whether a row fits its component's columns.

use crate::persistence::durable::{Cell, Column, ColumnType, Row};

/// Why a row cannot be encoded: the game has made a row that does not fit its own columns.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CellError {
    /// Too few or too many cells.
    #[error("the row has {found} cells, its component has {expected} columns")]
    Count {
        /// How many columns the component has.
        expected: usize,
        /// How many cells the row has.
        found: usize,
    },
    /// A cell of another type than its column's.
    #[error("column {column} takes {}", .expected.sql_name())]
    Type {
        /// The column.
        column: &'static str,
        /// Its type.
        expected: ColumnType,
    },
    /// More than PostgreSQL can take in one value.
    #[error("the value is longer than 2 GiB")]
    TooLong,
}

/// Whether a row fits its component's columns. NULL fits everywhere: that a column takes none is PostgreSQL's to say.
///
/// # Errors
/// Where it does not: a wrong count, or a cell of another type.
pub fn check_row(columns: &[Column], row: &Row) -> Result<(), CellError> {
    if row.0.len() != columns.len() {
        return Err(CellError::Count { expected: columns.len(), found: row.0.len() });
    }
    for (column, cell) in columns.iter().zip(&row.0) {
        let fits = match cell {
            Cell::Null => true,
            Cell::Bool(_) => column.ty == ColumnType::Bool,
            Cell::SmallInt(_) => column.ty == ColumnType::SmallInt,
            Cell::Int(_) => column.ty == ColumnType::Int,
            Cell::BigInt(_) => column.ty == ColumnType::BigInt,
            Cell::Text(_) => matches!(column.ty, ColumnType::Text | ColumnType::FreeText),
            Cell::Bytes(_) => column.ty == ColumnType::Bytes,
            Cell::BigInts(_) => column.ty == ColumnType::BigInts,
        };
        if !fits {
            return Err(CellError::Type { column: column.name, expected: column.ty });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_does_not_fit_is_refused() {
        let columns = [Column::new("balance", ColumnType::BigInt), Column::new("note", ColumnType::Text)];
        let row = |cells: &[Cell]| Row(cells.to_vec());
        assert_eq!(check_row(&columns, &row(&[Cell::BigInt(1), Cell::Null])), Ok(()));
        assert_eq!(
            check_row(&columns, &row(&[Cell::BigInt(1)])),
            Err(CellError::Count { expected: 2, found: 1 })
        );
        assert_eq!(
            check_row(&columns, &row(&[Cell::Int(1), Cell::Null])),
            Err(CellError::Type { column: "balance", expected: ColumnType::BigInt })
        );
    }
}
