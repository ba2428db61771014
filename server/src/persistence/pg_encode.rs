//! Rows as PostgreSQL's binary arrays of composites: one buffer per table and flush.
//!
//! The driver knows only types that the compiler knows; a component's columns are known when the game has registered
//! them. So the bytes are written here, with the type numbers (oids) that were read when the connection was made.

mod cells;

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo};
use sqlx::{Encode, Postgres, Type};

pub use self::cells::{CellError, check_row};
use super::durable::{Cell, Column, Row};

/// `bigint`, whose number is the same in every database.
const BIGINT_OID: u32 = 20;

/// A composite type as the connected database has it.
#[derive(Clone, Debug)]
pub(crate) struct CompositeType {
    /// The type's own number.
    pub(crate) oid: u32,
    /// The number of its array type.
    pub(crate) array_oid: u32,
    /// Its attributes' types, in their order.
    pub(crate) columns: Vec<u32>,
}

/// An array of rows, ready to be sent as one argument.
#[derive(Clone, Debug)]
pub(crate) struct RowArray {
    array_oid: u32,
    bytes: Vec<u8>,
}

impl Type<Postgres> for RowArray {
    /// A placeholder: each value says itself what it is, by `produces`.
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("record[]")
    }

    fn compatible(_: &PgTypeInfo) -> bool {
        true
    }
}

impl Encode<'_, Postgres> for RowArray {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(&self.bytes);
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(array_type(self.array_oid))
    }

    fn size_hint(&self) -> usize {
        self.bytes.len()
    }
}

/// An array type by its number.
pub(crate) fn array_type(array_oid: u32) -> PgTypeInfo {
    PgTypeInfo::with_oid(Oid(array_oid))
}

/// Writes a [`RowArray`], row by row.
#[derive(Debug)]
pub(crate) struct RowArrayWriter<'t> {
    ty: &'t CompositeType,
    bytes: Vec<u8>,
    row_count: usize,
    row_start: usize,
    cell_count: usize,
}

/// Where the number of elements stands in an array's head: after dimensions, flags and element type.
const COUNT_AT: usize = 12;

impl<'t> RowArrayWriter<'t> {
    /// An array of `ty`, with room for about `row_count` rows.
    pub(crate) fn new(ty: &'t CompositeType, row_count: usize) -> Self {
        let mut bytes = Vec::with_capacity(20 + row_count * (8 + ty.columns.len() * 16));
        bytes.extend_from_slice(&1_i32.to_be_bytes()); // dimensions
        bytes.extend_from_slice(&0_i32.to_be_bytes()); // no element is NULL
        bytes.extend_from_slice(&ty.oid.to_be_bytes());
        bytes.extend_from_slice(&0_i32.to_be_bytes()); // the count, once it is known
        bytes.extend_from_slice(&1_i32.to_be_bytes()); // the first index
        Self { ty, bytes, row_count: 0, row_start: 0, cell_count: 0 }
    }

    /// Begins a row. Each row has exactly as many cells as the type has attributes.
    pub(crate) fn begin_row(&mut self) {
        self.row_count += 1;
        self.cell_count = 0;
        self.row_start = self.bytes.len();
        self.bytes.extend_from_slice(&0_i32.to_be_bytes()); // the length, once it is known
        let column_count = u32::try_from(self.ty.columns.len()).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(&column_count.to_be_bytes());
    }

    /// Ends the row.
    pub(crate) fn end_row(&mut self) -> Result<(), CellError> {
        let expected = self.ty.columns.len();
        if self.cell_count != expected {
            return Err(CellError::Count { expected, found: self.cell_count });
        }
        let length = length(self.bytes.len() - self.row_start - 4)?;
        self.bytes[self.row_start..][..4].copy_from_slice(&length.to_be_bytes());
        Ok(())
    }

    /// Writes a `bigint`.
    pub(crate) fn bigint(&mut self, value: i64) -> Result<(), CellError> {
        self.cell(&value.to_be_bytes())
    }

    /// Writes an `integer`.
    pub(crate) fn int(&mut self, value: i32) -> Result<(), CellError> {
        self.cell(&value.to_be_bytes())
    }

    /// Writes a value in its binary form.
    pub(crate) fn cell(&mut self, value: &[u8]) -> Result<(), CellError> {
        self.head(length(value.len())?)?;
        self.bytes.extend_from_slice(value);
        Ok(())
    }

    /// Writes NULL.
    pub(crate) fn null(&mut self) -> Result<(), CellError> {
        self.head(-1)
    }

    /// Writes a component's cells.
    pub(crate) fn row(&mut self, columns: &[Column], row: &Row) -> Result<(), CellError> {
        check_row(columns, row)?;
        for cell in &row.0 {
            match cell {
                Cell::Null => self.null()?,
                Cell::Bool(value) => self.cell(&[u8::from(*value)])?,
                Cell::SmallInt(value) => self.cell(&value.to_be_bytes())?,
                Cell::Int(value) => self.int(*value)?,
                Cell::BigInt(value) => self.bigint(*value)?,
                Cell::Text(value) => self.cell(value.as_bytes())?,
                Cell::Bytes(value) => self.cell(value)?,
                Cell::BigInts(values) => self.cell(&bigint_array(values)?)?,
            }
        }
        Ok(())
    }

    /// The finished array.
    pub(crate) fn finish(mut self) -> Result<RowArray, CellError> {
        if self.row_count == 0 {
            // An empty array has no dimension at all.
            self.bytes.truncate(COUNT_AT);
            self.bytes[..4].copy_from_slice(&0_i32.to_be_bytes());
        } else {
            let count = length(self.row_count)?;
            self.bytes[COUNT_AT..][..4].copy_from_slice(&count.to_be_bytes());
        }
        Ok(RowArray { array_oid: self.ty.array_oid, bytes: self.bytes })
    }

    fn head(&mut self, length: i32) -> Result<(), CellError> {
        let expected = self.ty.columns.len();
        let oid = self.ty.columns.get(self.cell_count);
        self.cell_count += 1;
        let oid = oid.ok_or(CellError::Count { expected, found: self.cell_count })?;
        self.bytes.extend_from_slice(&oid.to_be_bytes());
        self.bytes.extend_from_slice(&length.to_be_bytes());
        Ok(())
    }
}

fn bigint_array(values: &[i64]) -> Result<Vec<u8>, CellError> {
    let mut bytes = Vec::with_capacity(20 + values.len() * 12);
    bytes.extend_from_slice(&i32::from(!values.is_empty()).to_be_bytes());
    bytes.extend_from_slice(&0_i32.to_be_bytes());
    bytes.extend_from_slice(&BIGINT_OID.to_be_bytes());
    if !values.is_empty() {
        bytes.extend_from_slice(&length(values.len())?.to_be_bytes());
        bytes.extend_from_slice(&1_i32.to_be_bytes());
        for value in values {
            bytes.extend_from_slice(&8_i32.to_be_bytes());
            bytes.extend_from_slice(&value.to_be_bytes());
        }
    }
    Ok(bytes)
}

fn length(length: usize) -> Result<i32, CellError> {
    i32::try_from(length).map_err(|_| CellError::TooLong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purse_row() -> CompositeType {
        CompositeType { oid: 7, array_oid: 8, columns: vec![20, 25] }
    }

    #[test]
    fn rows_are_written_as_postgresql_reads_them() {
        let ty = purse_row();
        let mut writer = RowArrayWriter::new(&ty, 1);
        writer.begin_row();
        writer.bigint(258).unwrap();
        writer.cell(b"ab").unwrap();
        writer.end_row().unwrap();
        let array = writer.finish().unwrap();
        let expected: &[u8] = &[
            0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 1, // head
            0, 0, 0, 30, 0, 0, 0, 2, // row
            0, 0, 0, 20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 1, 2, // bigint
            0, 0, 0, 25, 0, 0, 0, 2, b'a', b'b', // text
        ];
        assert_eq!(array.bytes, expected);
    }

    #[test]
    fn an_empty_array_has_no_dimension() {
        let ty = purse_row();
        let array = RowArrayWriter::new(&ty, 0).finish().unwrap();
        assert_eq!(array.bytes, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]);
    }

    #[test]
    fn a_row_with_a_cell_missing_does_not_end() {
        let ty = purse_row();
        let mut writer = RowArrayWriter::new(&ty, 1);
        writer.begin_row();
        writer.bigint(1).unwrap();
        assert_eq!(writer.end_row(), Err(CellError::Count { expected: 2, found: 1 }));
    }
}
