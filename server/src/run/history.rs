//! `history`: who had an item, when and by which action; or what a character did, and what was done to it.

mod tell;

use std::fmt::Debug;
use std::io::{self, Write as _};
use std::time::Duration;

use clap::Args;
use holdfast_protocol::EntityId;
use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Executor as _};

use self::tell::Teller;
use crate::app::Game;
use crate::config::StoreConfig;
use crate::persistence::history::{HistoryError, HistoryRequest, Since, read_history};
use crate::persistence::postgres::connect_options;

/// What is asked.
#[derive(Args, Clone, Debug)]
pub(super) struct HistoryArgs {
    #[command(flatten)]
    subject: SubjectArgs,

    /// From when on: 30m, 24h or 7d ago, or a date and time (UTC, unless it says otherwise).
    #[arg(long, value_parser = since)]
    since: Option<Since>,

    /// How many of the latest lines, 1 to 10000.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,

    /// Prints one JSON document for programs, instead of lines for people.
    #[arg(long)]
    json: bool,
}

/// Whose history it is.
#[derive(Args, Clone, Copy, Debug)]
#[group(required = true, multiple = false)]
struct SubjectArgs {
    /// An item, by its number: who had it, and by which action it changed hands.
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(u64).range(1..))]
    item: Option<u64>,

    /// A character, by its number: what it did, and what others did to it. Plain steps are left out.
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(u64).range(1..))]
    character: Option<u64>,
}

/// Why nothing was told.
#[derive(Debug, thiserror::Error)]
pub(super) enum HistoryCommandError {
    #[error("DATABASE_URL is not a PostgreSQL address")]
    Address(#[source] sqlx::Error),
    #[error("connect to PostgreSQL to read the journal")]
    Connect(#[source] sqlx::Error),
    #[error("{0} is a character's number (they are odd): ask with --character {0}")]
    IsCharacter(EntityId),
    #[error("{0} is no character's number (they are odd): ask with --item {0}")]
    IsItem(EntityId),
    #[error(
        "there is no {what} {id} in world {world:?}, and the journal does not know of one as far back as it is kept"
    )]
    Unknown { what: &'static str, id: EntityId, world: String },
    #[error(transparent)]
    History(#[from] HistoryError),
    #[error("print the history")]
    Print(#[from] io::Error),
}

/// Tells a history.
pub(super) async fn history<G: Game>(
    store: &StoreConfig,
    args: &HistoryArgs,
) -> Result<(), HistoryCommandError> {
    let (what, entity) = subject(args.subject)?;
    let options: PgConnectOptions = store.database_url.parse().map_err(HistoryCommandError::Address)?;
    // It only reads, and must not be able to do more, whoever runs it.
    let options = connect_options(options, "holdfast history").options([
        ("default_transaction_read_only", "on"),
        ("statement_timeout", "60s"),
        ("timezone", "UTC"),
    ]);
    let mut connection = options.connect().await.map_err(HistoryCommandError::Connect)?;
    // One moment for all that is read.
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ").await.map_err(HistoryError::from)?;
    let request = HistoryRequest {
        world: store.world.clone(),
        entity,
        since: args.since.clone(),
        line_count_max: usize::try_from(args.limit).unwrap_or(usize::MAX),
    };
    let history = read_history(&mut connection, &request).await?;
    let is_unknown = history.now.is_none() && !history.names.contains_key(&entity);
    if history.lines.is_empty() && is_unknown && args.since.is_none() {
        return Err(HistoryCommandError::Unknown { what, id: entity, world: request.world });
    }
    let teller = Teller::of::<G>(&history);
    let mut out = io::stdout().lock();
    if args.json {
        let document = json!({
            "world": request.world,
            what: entity.0,
            "lines": history.lines.iter().map(|line| teller.json(line)).collect::<Vec<Value>>(),
            "older_left_out": history.is_cut,
            "exists": history.now.is_some(),
            "home": history.now.and_then(|present| present.home).map(|home| home.0),
        });
        writeln!(out, "{document}")?;
        return Ok(());
    }
    for line in &history.lines {
        writeln!(out, "{}", teller.line(line))?;
    }
    for line in teller.closing(what, entity, &history, args.limit) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn subject(args: SubjectArgs) -> Result<(&'static str, EntityId), HistoryCommandError> {
    match (args.item.map(EntityId), args.character.map(EntityId)) {
        (Some(item), _) if item.is_character() => Err(HistoryCommandError::IsCharacter(item)),
        (Some(item), _) => Ok(("item", item)),
        (_, Some(character)) if !character.is_character() => Err(HistoryCommandError::IsItem(character)),
        (_, character) => Ok(("character", character.unwrap_or(EntityId(0)))),
    }
}

/// `30m`, `24h`, `7d`, or what PostgreSQL takes for a moment.
fn since(text: &str) -> Result<Since, String> {
    let unit_seconds = match text.chars().last() {
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => 86_400,
        _ => return Ok(Since::At(text.to_owned())),
    };
    let Ok(number) = text[..text.len() - 1].parse::<u32>() else { return Ok(Since::At(text.to_owned())) };
    Ok(Since::Ago(Duration::from_secs(unit_seconds * u64::from(number))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_while_ago_or_a_moment() {
        assert_eq!(since("30m"), Ok(Since::Ago(Duration::from_secs(1_800))));
        assert_eq!(since("7d"), Ok(Since::Ago(Duration::from_secs(604_800))));
        for moment in ["2026-11-24 18:30Z", "-5d", "xh", "", "ö"] {
            assert_eq!(
                since(moment),
                Ok(Since::At(moment.to_owned())),
                "PostgreSQL says what is wrong with it"
            );
        }
    }

    #[test]
    fn a_number_of_the_other_kind_says_how_to_ask() {
        let args = |item, character| SubjectArgs { item, character };
        assert!(matches!(subject(args(Some(6), None)), Ok(("item", EntityId(6)))));
        assert!(matches!(subject(args(None, Some(7))), Ok(("character", EntityId(7)))));
        let text = subject(args(Some(7), None)).unwrap_err().to_string();
        assert!(text.ends_with("--character 7"), "{text}");
        let text = subject(args(None, Some(6))).unwrap_err().to_string();
        assert!(text.ends_with("--item 6"), "{text}");
    }
}
