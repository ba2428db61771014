//! Whether the database is the one that this build of this game was made for.
//!
//! Asked at every start and after each migration: a difference names the table and the column, with
//! what the code expects and what the database has, instead of failing in the first flush.

use std::collections::BTreeMap;
use std::fmt;

use sqlx::{PgConnection, Row as _};

use super::durable::{Column, TableDefinition};
use super::migrate::{self, applied};
use super::registry::fingerprint;

/// The database is not what the code needs.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// Tables or columns differ.
    #[error("the database does not fit the code: {}; run `migrate` with this build", list(.0))]
    Differs(Vec<Difference>),
    /// The tables fit, but the flush's function was generated for others: which ones, nothing tells, since the database
    /// keeps only a fingerprint of them.
    #[error(
        "flush_tick was generated for other components; stop the server that runs, run `migrate` with this build, start"
    )]
    Stale,
    /// Migrations of the engine have not run.
    #[error("the database is older than this build: it lacks the engine's migrations {}; run `migrate` with this build", .0.join(", "))]
    Behind(Vec<String>),
    /// The engine's own tables are missing.
    #[error("the database has no holdfast schema; run `migrate`")]
    Missing,
    /// The database could not be asked.
    #[error("read the database's schema")]
    Database(#[from] sqlx::Error),
}

/// One difference between the code and the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// The column; none where the table as a whole is meant.
    pub column: Option<String>,
    /// What the code expects.
    pub expected: String,
    /// What the database has.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table {}", self.table)?;
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": the code expects {}, the database has {}", self.expected, self.found)
    }
}

fn list(differences: &[Difference]) -> String {
    differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// A column as the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FoundColumn {
    ty: String,
    not_null: bool,
    has_default: bool,
}

impl fmt::Display for FoundColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.ty)?;
        if self.not_null { f.write_str(" not null") } else { Ok(()) }
    }
}

/// Compares tables and generated function with the code.
///
/// # Errors
/// Where anything differs, or the database cannot be asked.
pub async fn verify_schema(
    connection: &mut PgConnection,
    tables: &[TableDefinition],
) -> Result<(), SchemaError> {
    let there: bool = sqlx::query_scalar("SELECT to_regclass('holdfast.registry') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await?;
    if !there {
        return Err(SchemaError::Missing);
    }
    let missing = applied::missing(connection, applied::ENGINE_HISTORY, migrate::ENGINE).await?;
    if !missing.is_empty() {
        return Err(SchemaError::Behind(missing));
    }
    compare_tables(connection, tables).await?;
    let found: Option<String> = sqlx::query_scalar("SELECT fingerprint FROM holdfast.registry")
        .fetch_optional(&mut *connection)
        .await?;
    if found.as_ref() == Some(&fingerprint(tables)) { Ok(()) } else { Err(SchemaError::Stale) }
}

/// Compares the tables alone.
pub(crate) async fn compare_tables(
    connection: &mut PgConnection,
    tables: &[TableDefinition],
) -> Result<(), SchemaError> {
    let mut differences = Vec::new();
    for table in tables {
        let found = read_columns(connection, table.table).await?;
        if found.is_empty() {
            differences.push(whole(table.table, "a table", "none"));
            continue;
        }
        compare_columns(table, &found, &mut differences);
        if !has_key(connection, table.table).await? {
            differences.push(whole(table.table, "the primary key (world, entity)", "another"));
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(SchemaError::Differs(differences)) }
}

fn whole(table: &'static str, expected: &str, found: &str) -> Difference {
    Difference { table, column: None, expected: expected.to_owned(), found: found.to_owned() }
}

async fn read_columns(
    connection: &mut PgConnection,
    table: &str,
) -> Result<BTreeMap<String, FoundColumn>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef OR a.attidentity <> ''
         FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
         WHERE c.relnamespace = 'holdfast'::regnamespace AND c.relname = $1 AND c.relkind IN ('r', 'p')
             AND a.attnum > 0 AND NOT a.attisdropped",
    )
    .bind(table)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let found =
                FoundColumn { ty: row.try_get(1)?, not_null: row.try_get(2)?, has_default: row.try_get(3)? };
            Ok((row.try_get(0)?, found))
        })
        .collect()
}

async fn has_key(connection: &mut PgConnection, table: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (
            SELECT FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
            WHERE c.relnamespace = 'holdfast'::regnamespace AND c.relname = $1 AND i.indisprimary
                AND (SELECT array_agg(a.attname::text ORDER BY k.place)
                     FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (attnum, place)
                     JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.attnum)
                    = ARRAY['world', 'entity'])",
    )
    .bind(table)
    .fetch_one(connection)
    .await
}

fn compare_columns(
    table: &TableDefinition,
    found: &BTreeMap<String, FoundColumn>,
    differences: &mut Vec<Difference>,
) {
    use super::durable::ColumnType::BigInt;
    const KEY: [Column; 3] =
        [Column::new("world", BigInt), Column::new("entity", BigInt), Column::new("tick", BigInt)];
    for column in KEY.iter().chain(table.columns) {
        let expected = FoundColumn {
            ty: column.ty.sql_name().to_owned(),
            not_null: !column.nullable,
            has_default: false,
        };
        let there = found.get(column.name);
        if there.is_none_or(|there| there.ty != expected.ty || there.not_null != expected.not_null) {
            differences.push(Difference {
                table: table.table,
                column: Some(column.name.to_owned()),
                expected: expected.to_string(),
                found: there.map_or_else(|| "none".to_owned(), ToString::to_string),
            });
        }
    }
    for (name, there) in found {
        let known = KEY.iter().chain(table.columns).any(|column| column.name == name);
        if !known && there.not_null && !there.has_default {
            differences.push(Difference {
                table: table.table,
                column: Some(name.clone()),
                expected: "no such column, or one that need not be given".to_owned(),
                found: there.to_string(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persistence::durable::ColumnType;

    const SPROUTS: TableDefinition = TableDefinition {
        table: "sprouts",
        columns: &[
            Column::new("ripe_at", ColumnType::BigInt),
            Column { name: "label", ty: ColumnType::Text, nullable: true },
        ],
    };

    fn found(columns: &[(&str, &str, bool)]) -> BTreeMap<String, FoundColumn> {
        columns
            .iter()
            .map(|&(name, ty, not_null)| {
                (name.to_owned(), FoundColumn { ty: ty.to_owned(), not_null, has_default: false })
            })
            .collect()
    }

    const KEY: [(&str, &str, bool); 3] =
        [("world", "bigint", true), ("entity", "bigint", true), ("tick", "bigint", true)];

    fn differences(columns: &[(&str, &str, bool)]) -> Vec<String> {
        let mut differences = Vec::new();
        compare_columns(&SPROUTS, &found(&[&KEY, columns].concat()), &mut differences);
        differences.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_difference_names_table_column_and_both_types() {
        assert!(differences(&[("ripe_at", "bigint", true), ("label", "text", false)]).is_empty());
        assert_eq!(
            differences(&[("ripe_at", "integer", true), ("label", "text", true)]),
            [
                "table sprouts, column ripe_at: the code expects bigint not null, the database has integer not null",
                "table sprouts, column label: the code expects text, the database has text not null",
            ]
        );
        assert_eq!(
            differences(&[("ripe_at", "bigint", true)]),
            ["table sprouts, column label: the code expects text, the database has none"]
        );
    }

    #[test]
    fn a_column_that_nobody_would_fill_is_a_difference() {
        let columns = [("ripe_at", "bigint", true), ("label", "text", false), ("owner", "bigint", true)];
        assert_eq!(differences(&columns).len(), 1);
        let optional = [("ripe_at", "bigint", true), ("label", "text", false), ("owner", "bigint", false)];
        assert!(differences(&optional).is_empty());
    }
}
