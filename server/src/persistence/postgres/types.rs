//! The flush's composite types, by the numbers that the connected database gave them.

use std::collections::BTreeMap;

use sqlx::postgres::PgTypeInfo;
use sqlx::postgres::types::Oid;
use sqlx::{PgConnection, Row as _};

use crate::persistence::durable::TableDefinition;
use crate::persistence::flush_function::type_names;
use crate::persistence::pg_encode::{CompositeType, array_type};

/// The types of one connection. Read anew for each: another server, or a migration, numbers them differently.
#[derive(Debug)]
pub(super) struct FlushTypes {
    /// `entities_row`
    pub(super) entities: CompositeType,
    /// `character_actions_row`
    pub(super) characters: CompositeType,
    /// `chat_row`
    pub(super) chat: CompositeType,
    /// One per component table, in the order of the registry.
    pub(super) components: Vec<CompositeType>,
}

impl FlushTypes {
    /// Asks the database.
    pub(super) async fn read(
        connection: &mut PgConnection,
        tables: &[TableDefinition],
    ) -> Result<Self, sqlx::Error> {
        let names = type_names(tables);
        let rows = sqlx::query(
            "SELECT t.typname::text, t.oid, t.typarray, a.atttypid
             FROM pg_type AS t
             JOIN pg_attribute AS a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
             WHERE t.typnamespace = 'holdfast'::regnamespace AND t.typtype = 'c' AND t.typname = ANY ($1)
             ORDER BY t.typname, a.attnum",
        )
        .bind(&names)
        .fetch_all(connection)
        .await?;
        let mut found = BTreeMap::<String, CompositeType>::new();
        for row in &rows {
            let (oid, array_oid): (Oid, Oid) = (row.try_get(1)?, row.try_get(2)?);
            let column: Oid = row.try_get(3)?;
            found
                .entry(row.try_get(0)?)
                .or_insert_with(|| CompositeType { oid: oid.0, array_oid: array_oid.0, columns: Vec::new() })
                .columns
                .push(column.0);
        }
        let mut types = names
            .into_iter()
            .map(|type_name| found.remove(&type_name).ok_or(sqlx::Error::TypeNotFound { type_name }));
        let mut next = || types.next().unwrap_or(Err(sqlx::Error::RowNotFound));
        let (entities, characters, chat) = (next()?, next()?, next()?);
        Ok(Self { entities, characters, chat, components: types.collect::<Result<_, _>>()? })
    }

    /// The types of the flush's arguments, in their order.
    pub(super) fn arguments(&self) -> Vec<PgTypeInfo> {
        const BIGINT: Oid = Oid(20);
        const BIGINTS: Oid = Oid(1016);
        const BYTEA: Oid = Oid(17);
        let bigint = || PgTypeInfo::with_oid(BIGINT);
        let bigints = || PgTypeInfo::with_oid(BIGINTS);
        let bytea = || PgTypeInfo::with_oid(BYTEA);
        let mut arguments: Vec<_> = (0..6).map(|_| bigint()).collect();
        arguments.extend([
            array_type(self.entities.array_oid),
            bigints(),
            array_type(self.characters.array_oid),
            bytea(),
            bigints(),
            bytea(),
            array_type(self.chat.array_oid),
        ]);
        for table in &self.components {
            arguments.extend([array_type(table.array_oid), bigints()]);
        }
        arguments
    }
}
