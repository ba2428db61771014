//! Which migrations a database has had.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, PgConnection};

use super::Migration;

/// Where the engine's history stands.
pub(crate) const ENGINE_HISTORY: &str = "holdfast.engine_migrations";

/// Where the game's history stands.
pub(crate) const GAME_HISTORY: &str = "holdfast.game_migrations";

/// Those of `migrations` that have not run, by their files' names.
pub(crate) async fn missing(
    connection: &mut PgConnection,
    history: &'static str,
    migrations: &[Migration],
) -> Result<Vec<String>, sqlx::Error> {
    let there: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(history)
        .fetch_one(&mut *connection)
        .await?;
    let applied: BTreeSet<i64> = if there {
        let question = format!("SELECT version FROM {history} WHERE success");
        sqlx::query_scalar(AssertSqlSafe(question)).fetch_all(connection).await?.into_iter().collect()
    } else {
        BTreeSet::new()
    };
    let missing = migrations.iter().filter(|migration| !applied.contains(&migration.version));
    Ok(missing.map(|migration| format!("{}_{}", migration.version, migration.name)).collect())
}
