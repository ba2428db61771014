//! How the values that components are made of stand in cells: what a [`Durable`](super::durable::Durable) written by
//! hand is made from.

use holdfast_protocol::{EntityId, Tick};

use super::durable::{Cell, Column, ColumnType, Row, RowError};

/// A value that stands in one cell, and comes back from it unchanged.
pub trait CellValue: Sized {
    /// The type of its column.
    const TYPE: ColumnType;

    /// The value as a cell.
    fn to_cell(&self) -> Cell;

    /// The cell as a value; none where it holds what this cannot be.
    fn from_cell(cell: &Cell) -> Option<Self>;
}

/// A column for values of type `T`.
#[must_use]
pub const fn column<T: CellValue>(name: &'static str) -> Column {
    Column::new(name, T::TYPE)
}

/// Reads a row's cells one after another.
#[derive(Clone, Copy, Debug)]
pub struct Cells<'r>(&'r [Cell]);

impl<'r> Cells<'r> {
    /// The cells of `row`, from the first.
    #[must_use]
    pub fn of(row: &'r Row) -> Self {
        Self(&row.0)
    }

    /// The next cell's value.
    ///
    /// # Errors
    /// Where the row has ended, or the cell holds what a `T` cannot be; `column` names it.
    pub fn next<T: CellValue>(&mut self, column: &'static str) -> Result<T, RowError> {
        self.next_where(column, Some)
    }

    /// The next cell's value, as `read` understands it.
    ///
    /// # Errors
    /// As [`Self::next`], and where `read` gives nothing.
    pub fn next_where<T: CellValue, U>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(T) -> Option<U>,
    ) -> Result<U, RowError> {
        let (cell, rest) = self.0.split_first().ok_or(RowError { column, found: None })?;
        self.0 = rest;
        T::from_cell(cell).and_then(read).ok_or_else(|| RowError { column, found: Some(cell.kind()) })
    }
}

macro_rules! numbers {
    ($($number:ty as $cell:ident: $stored:ty),*) => {$(
        impl CellValue for $number {
            const TYPE: ColumnType = ColumnType::$cell;

            fn to_cell(&self) -> Cell {
                Cell::$cell(<$stored>::from(*self))
            }

            fn from_cell(cell: &Cell) -> Option<Self> {
                match cell {
                    Cell::$cell(number) => Self::try_from(*number).ok(),
                    _ => None,
                }
            }
        }
    )*};
}
numbers!(u8 as SmallInt: i16, u16 as Int: i32, u32 as BigInt: i64);

/// Stored bit for bit: PostgreSQL has no type for it.
impl CellValue for u64 {
    const TYPE: ColumnType = ColumnType::BigInt;

    fn to_cell(&self) -> Cell {
        Cell::BigInt(self.cast_signed())
    }

    fn from_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::BigInt(number) => Some(number.cast_unsigned()),
            _ => None,
        }
    }
}

/// Stored bit for bit.
impl CellValue for Vec<u64> {
    const TYPE: ColumnType = ColumnType::BigInts;

    fn to_cell(&self) -> Cell {
        Cell::BigInts(self.iter().map(|number| number.cast_signed()).collect())
    }

    fn from_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::BigInts(numbers) => Some(numbers.iter().map(|number| number.cast_unsigned()).collect()),
            _ => None,
        }
    }
}

/// Must hold no NUL character.
impl CellValue for String {
    const TYPE: ColumnType = ColumnType::Text;

    fn to_cell(&self) -> Cell {
        Cell::Text(self.clone())
    }

    fn from_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}

macro_rules! newtypes {
    ($($name:ident),*) => {$(
        impl CellValue for $name {
            const TYPE: ColumnType = <u64 as CellValue>::TYPE;

            fn to_cell(&self) -> Cell {
                self.0.to_cell()
            }

            fn from_cell(cell: &Cell) -> Option<Self> {
                u64::from_cell(cell).map(Self)
            }
        }
    )*};
}
newtypes!(EntityId, Tick);

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back<T: CellValue + PartialEq + std::fmt::Debug>(value: T) {
        assert_eq!(T::from_cell(&value.to_cell()), Some(value));
    }

    #[test]
    fn values_come_back_unchanged() {
        there_and_back(u8::MAX);
        there_and_back(u16::MAX);
        there_and_back(u32::MAX);
        there_and_back(u64::MAX);
        there_and_back(vec![0, 1, u64::MAX]);
        there_and_back("Grüße".to_owned());
        there_and_back(EntityId(u64::MAX));
        there_and_back(Tick(7));
    }

    #[test]
    fn an_error_does_not_repeat_what_somebody_said() {
        let row = Row(vec![Cell::Text("meet me at the well".to_owned())]);
        let error = Cells::of(&row).next::<u64>("said").unwrap_err();
        assert_eq!(error.to_string(), "column said holds text, which does not fit");
        assert!(!format!("{error:?}").contains("well"));
    }

    #[test]
    fn what_does_not_fit_names_its_column() {
        let row = Row(vec![Cell::SmallInt(-1)]);
        let error = Cells::of(&row).next::<u8>("slot");
        assert_eq!(error, Err(RowError { column: "slot", found: Some("smallint") }));
        let mut cells = Cells::of(&row);
        assert!(cells.next::<u16>("slot").is_err());
        assert_eq!(cells.next::<u8>("count"), Err(RowError { column: "count", found: None }));
    }
}
