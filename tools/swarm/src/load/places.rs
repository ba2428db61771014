//! Where characters begin: rows that a world of our own finds when it loads a character for the first time.
//!
//! Thousands who arrive where newcomers do would need minutes to walk apart. A character that nobody has played yet is in
//! no world's memory, so that its rows can be written beside the server: what it finds then is somebody who comes back.

use anyhow::{Context as _, Result};
use holdfast_protocol::EntityId;
use sqlx::{Connection as _, PgConnection};
use village::KIND_CHARACTER;
use village::component::{Position, VITALS_MAX};
use village::tile::Tile;

/// Puts characters that nobody has played yet on these tiles, in the best of health.
///
/// # Errors
/// Where the database cannot be written, or one of them has been played.
pub(super) async fn put(owner_url: &str, places: &[(EntityId, Tile)]) -> Result<()> {
    let mut connection = PgConnection::connect(owner_url).await.context("reach the world's database")?;
    let ids: Vec<_> = places.iter().map(|(id, _)| id.0.cast_signed()).collect();
    let xs: Vec<_> = places.iter().map(|(_, tile)| i32::from(tile.x)).collect();
    let ys: Vec<_> = places.iter().map(|(_, tile)| i32::from(tile.y)).collect();
    let statement = "WITH newcomers AS (
            SELECT c.world, c.id, w.tick, p.x, p.y
            FROM unnest($1::bigint[], $2::integer[], $3::integer[]) AS p(id, x, y)
            JOIN holdfast.characters AS c USING (id)
            JOIN holdfast.worlds AS w ON w.id = c.world
        ), entered AS (
            INSERT INTO holdfast.entities (world, entity, tick, kind, home, entered)
            SELECT world, id, tick, $4, id, tick FROM newcomers
        ), standing AS (
            INSERT INTO holdfast.positions (world, entity, tick, x, y, facing)
            SELECT world, id, tick, x, y, $5 FROM newcomers
        )
        INSERT INTO holdfast.vitals (world, entity, tick, health, energy)
        SELECT world, id, tick, $6, $6 FROM newcomers";
    sqlx::query(statement)
        .bind(ids)
        .bind(xs)
        .bind(ys)
        .bind(i32::from(KIND_CHARACTER))
        .bind(i16::from(Position::on(Tile { x: 0, y: 0 }).facing.number()))
        .bind(i16::from(VITALS_MAX))
        .execute(&mut connection)
        .await
        .context("put characters into their places")?;
    connection.close().await?;
    Ok(())
}
