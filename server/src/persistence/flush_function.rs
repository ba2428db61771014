//! The text of `flush_tick`, generated from the game's component tables.
//!
//! One call writes everything that a tick, or several, changed: one statement in autocommit, so one round trip, one
//! fsync, and no COMMIT whose answer could be misread. Its first statement is the fence. Rows come as one array of a
//! composite type per table. The type is the flush's own, never the table's row type: adding a column to a table would
//! otherwise break every call. Where a game's columns stand beside the function's arguments, the latter are named in
//! full, so that a column may have any name.
//!
//! An argument's first letter says what it is: `a_` what the engine itself has to say, `r_<table>` the rows of a
//! component's table that are written, `d_<table>` the entities whose rows in it are deleted.

#[cfg(feature = "sabotage")]
use holdfast_front::sabotage::{
    Sabotage::{S4, S10},
    is_on,
};

use super::durable::TableDefinition;

/// How many arguments stand before those of the component tables, which have two each.
const ENGINE_ARGUMENT_COUNT: usize = 13;

/// The composite types of the engine's own tables: name and columns.
const ENGINE_TYPES: &[(&str, &str)] = &[
    ("entities_row", "entity bigint, tick bigint, kind integer, home bigint, entered bigint"),
    (
        "character_actions_row",
        "entity bigint, tick bigint, last_seq bigint, session_epoch bigint, ring bytea",
    ),
    ("chat_row", "tick bigint, speaker bigint, channel text, text text"),
];

/// The fence: the row must still say that we own the world, by number and by tag, and that nothing but our last flush
/// wrote it. Renews the lease by the way.
const FENCE: &str = "
    UPDATE holdfast.worlds AS w
        SET tick = a_to,
            next_id = coalesce(a_ids_reserved, w.next_id),
            lease_expires = clock_timestamp() + holdfast.lease()
        WHERE w.id = a_world AND w.epoch = a_epoch AND w.epoch_tag = a_tag AND w.tick = a_from;
    IF NOT FOUND THEN
        IF EXISTS (
            SELECT FROM holdfast.worlds AS w WHERE w.id = a_world AND w.epoch = a_epoch AND w.epoch_tag = a_tag
        ) THEN
            RAISE EXCEPTION 'the world is not at the tick that this flush follows' USING ERRCODE = 'GW002';
        END IF;
        RAISE EXCEPTION 'another epoch owns the world' USING ERRCODE = 'GW001';
    END IF;";

/// What S4 puts in the fence's place.
#[cfg(feature = "sabotage")]
const UNFENCED: &str = "
    UPDATE holdfast.worlds AS w
        SET tick = a_to,
            next_id = coalesce(a_ids_reserved, w.next_id),
            lease_expires = clock_timestamp() + holdfast.lease()
        WHERE w.id = a_world;";

/// What S10 makes of a statement.
#[cfg(feature = "sabotage")]
fn swallow_errors(statement: &str) -> String {
    format!("\n    BEGIN{statement}\n    EXCEPTION WHEN OTHERS THEN NULL;\n    END;")
}

/// The entities' own rows.
const ENTITIES: &str = "
    IF cardinality(a_entities) > 0 THEN
        INSERT INTO holdfast.entities (world, entity, tick, kind, home, entered)
            SELECT a_world, r.entity, r.tick, r.kind, r.home, r.entered FROM unnest(a_entities) AS r
            ON CONFLICT (world, entity) DO UPDATE SET tick = excluded.tick, kind = excluded.kind,
                home = excluded.home, entered = excluded.entered;
    END IF;";

/// What makes characters' actions happen exactly once.
const CHARACTERS: &str = "
    IF cardinality(a_characters) > 0 THEN
        INSERT INTO holdfast.character_actions (world, entity, tick, last_seq, session_epoch, ring)
            SELECT a_world, r.entity, r.tick, r.last_seq, r.session_epoch, r.ring FROM unnest(a_characters) AS r
            ON CONFLICT (world, entity) DO UPDATE SET tick = excluded.tick, last_seq = excluded.last_seq,
                session_epoch = excluded.session_epoch, ring = excluded.ring;
    END IF;";

/// What is only ever inserted: the journal, its index, the row images and what was said. All of one flush bear the same
/// time. None of these tables has a key that could be violated, and each has a partition for every time, so nothing of
/// this can fail a flush that could be written without it.
const JOURNAL: &str = "
    IF a_inputs IS NOT NULL THEN
        INSERT INTO holdfast.journal (world, epoch, from_tick, to_tick, at, inputs)
            VALUES (a_world, a_epoch, a_from, a_to, v_at, a_inputs);
    END IF;
    IF cardinality(a_indexed) > 0 THEN
        INSERT INTO holdfast.journal_entities (world, entity, to_tick, at)
            SELECT a_world, r.entity, a_to, v_at FROM unnest(a_indexed) AS r (entity);
    END IF;
    IF a_images IS NOT NULL THEN
        INSERT INTO holdfast.row_images (world, epoch, from_tick, to_tick, at, images)
            VALUES (a_world, a_epoch, a_from, a_to, v_at, a_images);
    END IF;
    IF cardinality(a_chat) > 0 THEN
        INSERT INTO holdfast.chat (world, tick, at, line, speaker, channel, text)
            SELECT a_world, r.tick, v_at, r.line, r.speaker, r.channel, r.text
            FROM unnest(a_chat) WITH ORDINALITY AS r (tick, speaker, channel, text, line);
    END IF;";

/// The composite types that the function's arguments are of, in the order of the arguments: the engine's three, then one
/// per table.
pub(crate) fn type_names(tables: &[TableDefinition]) -> Vec<String> {
    let engine = ENGINE_TYPES.iter().map(|(name, _)| (*name).to_owned());
    engine.chain(tables.iter().map(|table| format!("{}_row", table.table))).collect()
}

/// What makes the types, one statement each.
pub(crate) fn create_types(tables: &[TableDefinition]) -> Vec<String> {
    let engine =
        ENGINE_TYPES.iter().map(|(name, columns)| format!("CREATE TYPE holdfast.{name} AS ({columns})"));
    let game = tables.iter().map(|table| {
        let columns: String = table
            .columns
            .iter()
            .map(|column| format!(", \"{}\" {}", column.name, column.ty.sql_name()))
            .collect();
        format!("CREATE TYPE holdfast.\"{}_row\" AS (entity bigint, tick bigint{columns})", table.table)
    });
    engine.chain(game).collect()
}

/// What makes the function.
pub(crate) fn create_function(tables: &[TableDefinition]) -> String {
    let mut arguments = "a_world bigint, a_epoch bigint, a_tag bigint, a_from bigint, a_to bigint, \
                         a_ids_reserved bigint, a_entities holdfast.entities_row[], a_deaths bigint[], \
                         a_characters holdfast.character_actions_row[], a_inputs bytea, a_indexed bigint[], \
                         a_images bytea, a_chat holdfast.chat_row[]"
        .to_owned();
    let fence = FENCE;
    // S4 breaks the promise that only the owner writes.
    #[cfg(feature = "sabotage")]
    let fence = if is_on(S4) { UNFENCED } else { fence };
    let mut body = fence.to_owned() + ENTITIES;
    let mut deaths = "
    IF cardinality(a_deaths) > 0 THEN
        DELETE FROM holdfast.entities AS t WHERE t.world = flush_tick.a_world AND t.entity = ANY (flush_tick.a_deaths);"
        .to_owned();
    for table in tables {
        let name = table.table;
        arguments += &format!(", \"r_{name}\" holdfast.\"{name}_row\"[], \"d_{name}\" bigint[]");
        let write = upsert(table);
        // S10 breaks the promise that a flush is written whole or not at all.
        #[cfg(feature = "sabotage")]
        let write = if is_on(S10) { swallow_errors(&write) } else { write };
        body += &write;
        body += &format!(
            "
    IF cardinality(\"d_{name}\") > 0 THEN
        DELETE FROM holdfast.\"{name}\" AS t WHERE t.world = flush_tick.a_world AND t.entity = ANY (flush_tick.\"d_{name}\");
    END IF;"
        );
        deaths += &format!(
            "
        DELETE FROM holdfast.\"{name}\" AS t WHERE t.world = flush_tick.a_world AND t.entity = ANY (flush_tick.a_deaths);"
        );
    }
    format!(
        "CREATE FUNCTION holdfast.flush_tick({arguments}) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, holdfast, pg_temp
AS $flush$
#variable_conflict use_column
DECLARE
    v_at timestamptz := clock_timestamp();
BEGIN{body}{CHARACTERS}{deaths}
    END IF;{JOURNAL}
END
$flush$"
    )
}

fn upsert(table: &TableDefinition) -> String {
    let name = table.table;
    let list = |prefix: &str| -> String {
        table.columns.iter().map(|column| format!(", {prefix}\"{}\"", column.name)).collect()
    };
    let set: String =
        table.columns.iter().map(|column| format!(", \"{0}\" = excluded.\"{0}\"", column.name)).collect();
    format!(
        "
    IF cardinality(\"r_{name}\") > 0 THEN
        INSERT INTO holdfast.\"{name}\" (world, entity, tick{columns})
            SELECT flush_tick.a_world, r.entity, r.tick{values} FROM unnest(flush_tick.\"r_{name}\") AS r
            ON CONFLICT (world, entity) DO UPDATE SET tick = excluded.tick{set};
    END IF;",
        columns = list(""),
        values = list("r."),
    )
}

/// The call, with a placeholder per argument.
pub(crate) fn call(tables: &[TableDefinition]) -> String {
    let placeholders: Vec<_> =
        (1..=ENGINE_ARGUMENT_COUNT + 2 * tables.len()).map(|place| format!("${place}")).collect();
    format!("SELECT holdfast.flush_tick({})", placeholders.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persistence::durable::{Column, ColumnType};

    const TABLES: &[TableDefinition] = &[TableDefinition {
        table: "purses",
        columns: &[
            Column::new("balance", ColumnType::BigInt),
            Column { name: "note", ty: ColumnType::Text, nullable: true },
        ],
    }];

    #[test]
    fn the_fence_is_the_first_statement() {
        let function = create_function(TABLES);
        let (_, body) = function.split_once("BEGIN").unwrap();
        assert!(body.trim_start().starts_with("UPDATE holdfast.worlds"), "{body}");
    }

    #[test]
    fn the_dead_lose_their_rows_last_and_in_every_table() {
        let function = create_function(TABLES);
        let (before, deaths) = function.split_once("IF cardinality(a_deaths) > 0").unwrap();
        let (deaths, journal) = deaths.split_once("END IF;").unwrap();
        assert!(!deaths.contains("INSERT") && !journal.contains("DELETE"));
        assert!(
            before.contains("INSERT INTO holdfast.\"purses\" (world, entity, tick, \"balance\", \"note\")")
        );
        assert!(deaths.contains("DELETE FROM holdfast.entities"));
        assert!(deaths.contains("DELETE FROM holdfast.\"purses\""));
    }

    #[test]
    fn types_arguments_and_placeholders_come_in_one_order() {
        assert_eq!(type_names(TABLES), ["entities_row", "character_actions_row", "chat_row", "purses_row"]);
        assert_eq!(
            create_types(TABLES)[3],
            "CREATE TYPE holdfast.\"purses_row\" AS (entity bigint, tick bigint, \"balance\" bigint, \"note\" text)"
        );
        assert_eq!(
            call(TABLES),
            "SELECT holdfast.flush_tick($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
        );
    }
}
