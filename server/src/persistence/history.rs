//! What the journal tells of one entity: who had it, when, and by which action.
//!
//! Read with no more than the right to read, from the flushes to which the journal's index leads; [`story`] makes lines of
//! what stands there.

pub mod story;

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use holdfast_protocol::{EntityId, Epoch, Tick, WorldId};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

use self::story::{Flush, Line, lines_of};
use super::images::images_from_bytes;
use super::journal::format::{FormatError, inputs_from_bytes};

/// From when on a history is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// From so long ago, by the database's clock.
    Ago(Duration),
    /// From a moment, in words that PostgreSQL takes for one.
    At(String),
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct HistoryRequest {
    /// The world's name.
    pub world: String,
    /// The entity.
    pub entity: EntityId,
    /// From when on; all that is kept where there is none.
    pub since: Option<Since>,
    /// How many of the latest lines.
    pub line_count_max: usize,
}

/// What is known.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The lines, the oldest first.
    pub lines: Vec<Line>,
    /// Whether there are older ones since the moment that was asked for.
    pub is_cut: bool,
    /// The entity as it is now; none where it is no more, or never was.
    pub now: Option<Present>,
    /// The names of all characters that occur, the one that was asked for included.
    pub names: BTreeMap<EntityId, String>,
}

/// An entity that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Present {
    /// The character who has it; none where the world does.
    pub home: Option<EntityId>,
}

/// Why nothing can be told.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// There is no such world.
    #[error("there is no world called {0:?} in this database")]
    NoSuchWorld(String),
    /// The moment from which on was asked is none.
    #[error("{0:?} is no moment: write 30m, 24h, 7d, or a date and time as in 2026-11-24 18:30Z")]
    NoSuchMoment(String),
    /// A flush has been written by another build, or is damaged.
    #[error("the flush of tick {tick} cannot be read")]
    Format {
        /// The flush's last tick.
        tick: Tick,
        /// What is wrong with it.
        source: FormatError,
    },
    /// The database could not be asked.
    #[error("read the journal")]
    Database(#[from] sqlx::Error),
}

/// Reads what is known of an entity.
///
/// # Errors
/// Where there is no such world or moment, the database cannot be asked, or what stands there cannot be read.
pub async fn read_history(
    connection: &mut PgConnection,
    request: &HistoryRequest,
) -> Result<History, HistoryError> {
    let world: Option<i64> = sqlx::query_scalar("SELECT id FROM holdfast.worlds WHERE name = $1")
        .bind(&request.world)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(world) = world.map(|id| WorldId(id.cast_unsigned())) else {
        return Err(HistoryError::NoSuchWorld(request.world.clone()));
    };
    let since = since_seconds(connection, request.since.as_ref()).await?;
    let mut history = read_lines(connection, world, request, since).await?;
    let home: Option<Option<i64>> =
        sqlx::query_scalar("SELECT home FROM holdfast.entities WHERE world = $1 AND entity = $2")
            .bind(world.0.cast_signed())
            .bind(request.entity.0.cast_signed())
            .fetch_optional(&mut *connection)
            .await?;
    history.now = home.map(|home| Present { home: home.map(|home| EntityId(home.cast_unsigned())) });
    history.names = read_names(connection, world, request.entity, &history).await?;
    Ok(history)
}

/// How many seconds ago that was.
async fn since_seconds(
    connection: &mut PgConnection,
    since: Option<&Since>,
) -> Result<Option<f64>, HistoryError> {
    match since {
        None => Ok(None),
        Some(Since::Ago(ago)) => Ok(Some(ago.as_secs_f64())),
        Some(Since::At(moment)) => {
            let seconds = sqlx::query_scalar(
                "SELECT extract(epoch FROM clock_timestamp() - $1::text::timestamptz)::float8",
            )
            .bind(moment)
            .fetch_one(connection)
            .await;
            match seconds {
                Ok(seconds) => Ok(Some(seconds)),
                Err(sqlx::Error::Database(error))
                    if error.code().is_some_and(|code| code.starts_with("22")) =>
                {
                    Err(HistoryError::NoSuchMoment(moment.clone()))
                }
                Err(error) => Err(error.into()),
            }
        }
    }
}

/// The flushes that the index leads to, the latest first, each with its images where they are still there.
const FLUSHES: &str = "
    SELECT j.epoch, j.from_tick, j.to_tick, j.inputs, i.images,
        to_char(j.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')
    FROM (
        SELECT DISTINCT e.to_tick, e.at FROM holdfast.journal_entities AS e
        WHERE e.world = $1 AND e.entity = $2
            AND ($3::float8 IS NULL OR e.at >= clock_timestamp() - make_interval(secs => $3))
        ORDER BY e.to_tick DESC LIMIT $4
    ) AS e
    JOIN holdfast.journal AS j ON j.world = $1 AND j.to_tick = e.to_tick AND j.at = e.at
    LEFT JOIN holdfast.row_images AS i ON i.world = $1 AND i.to_tick = e.to_tick AND i.at = e.at
    ORDER BY j.to_tick DESC";

async fn read_lines(
    connection: &mut PgConnection,
    world: WorldId,
    request: &HistoryRequest,
    since: Option<f64>,
) -> Result<History, HistoryError> {
    // Each flush has a line at least, so one more flush than lines tells whether there are older ones.
    let flush_count = i64::try_from(request.line_count_max).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = sqlx::query(FLUSHES)
        .bind(world.0.cast_signed())
        .bind(request.entity.0.cast_signed())
        .bind(since)
        .bind(flush_count)
        .fetch(connection);
    let mut newest_first = Vec::new();
    // One flush at a time: each may hold the inputs of a whole world.
    while let Some(row) = rows.try_next().await? {
        let mut lines = lines_of(&flush(&row)?, request.entity);
        lines.reverse();
        newest_first.extend(lines);
        if newest_first.len() > request.line_count_max {
            break;
        }
    }
    let is_cut = newest_first.len() > request.line_count_max;
    newest_first.truncate(request.line_count_max);
    newest_first.reverse();
    Ok(History { lines: newest_first, is_cut, ..History::default() })
}

fn flush(row: &PgRow) -> Result<Flush, HistoryError> {
    let number = |place: usize| row.try_get::<i64, _>(place).map(i64::cast_unsigned);
    let (from, tick) = (Tick(number(1)?), Tick(number(2)?));
    let unreadable = |source| HistoryError::Format { tick, source };
    let images: Option<Vec<u8>> = row.try_get(4)?;
    Ok(Flush {
        at: row.try_get(5)?,
        epoch: Epoch(number(0)?),
        inputs: inputs_from_bytes(row.try_get(3)?, from).map_err(unreadable)?,
        images: images.map(|bytes| images_from_bytes(&bytes)).transpose().map_err(unreadable)?,
    })
}

async fn read_names(
    connection: &mut PgConnection,
    world: WorldId,
    entity: EntityId,
    history: &History,
) -> Result<BTreeMap<EntityId, String>, sqlx::Error> {
    let of_lines = history.lines.iter().flat_map(Line::characters);
    let of_now = history.now.and_then(|present| present.home);
    let ids: Vec<i64> = of_lines.chain(of_now).chain([entity]).map(|id| id.0.cast_signed()).collect();
    let rows = sqlx::query("SELECT id, name FROM holdfast.characters WHERE world = $1 AND id = ANY ($2)")
        .bind(world.0.cast_signed())
        .bind(ids)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| Ok((EntityId(row.try_get::<i64, _>(0)?.cast_unsigned()), row.try_get(1)?)))
        .collect()
}
