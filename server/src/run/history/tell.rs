//! A history in words, and as JSON.

use std::collections::BTreeMap;

use holdfast_protocol::error::ENGINE_CODES;
use holdfast_protocol::{Blob, Code, EntityId};
use serde_json::{Value, json};

use crate::action::Verbs;
use crate::app::Game;
use crate::persistence::history::History;
use crate::persistence::history::story::{ColumnChange, Line};
use crate::persistence::images::ImageCell;
use crate::persistence::journal::{HomeChange, InputKind, Touched};

/// Knows the names of verbs, verdicts and characters.
pub(super) struct Teller<'h> {
    verbs: BTreeMap<u8, &'static str>,
    codes: BTreeMap<Code, &'static str>,
    names: &'h BTreeMap<EntityId, String>,
}

impl<'h> Teller<'h> {
    /// Tells of game `G`.
    pub(super) fn of<G: Game>(history: &'h History) -> Self {
        let codes = G::Verbs::codes().into_iter().chain(ENGINE_CODES.iter().copied());
        Self {
            verbs: G::Verbs::wire().into_iter().map(|(tag, name, _)| (tag, name)).collect(),
            codes: codes.map(|entry| (entry.code, entry.name)).collect(),
            names: &history.names,
        }
    }

    /// One line for people.
    pub(super) fn line(&self, line: &Line) -> String {
        let Line { at, tick, character, event, columns, .. } = line;
        let mut text = format!("{at}  tick {tick}  {}  ", self.who(Some(*character)));
        match event {
            InputKind::Acted { code, action, touched, .. } => {
                text += &format!("{}  {}", self.verb(action), self.verdict(*code));
                for Touched { entity, home } in touched {
                    if let Some(change) = self.change(*home) {
                        text += &format!("  {}: {change}", self.thing(*entity));
                    }
                }
            }
            InputKind::Joined { resumed: false, .. } => text += "came in",
            InputKind::Joined { resumed: true, .. } => text += "came back",
            InputKind::Left => text += "left the world",
        }
        let changes: Vec<_> = columns.iter().flatten().map(column).collect();
        if changes.is_empty() { text } else { format!("{text}  ({})", changes.join(", ")) }
    }

    /// What is to be said after the lines.
    pub(super) fn closing(&self, what: &str, id: EntityId, history: &History, limit: u32) -> Vec<String> {
        let mut closing = Vec::new();
        if history.lines.is_empty() {
            closing.push(format!("The journal tells nothing of {what} {id} in the time that was asked for."));
        }
        if history.is_cut {
            closing.push(format!(
                "There are older lines: --limit {} would show more.",
                limit.saturating_mul(10).min(10_000)
            ));
        }
        let gone_count = history.lines.iter().filter(|line| is_vague(line)).count();
        if gone_count > 0 {
            closing.push(format!(
                "What exactly changed is no longer known for {gone_count} of these lines: rows before and after are kept \
                 for a day or two only."
            ));
        }
        closing.push(match history.now {
            None if self.names.contains_key(&id) => {
                format!("{} has never come into the world.", self.who(Some(id)))
            }
            None => format!("There is no {what} {id} any more."),
            Some(_) if what == "character" => format!("{} is a character of this world.", self.who(Some(id))),
            Some(present) => format!("Now {what} {id} is with {}.", self.who(present.home)),
        });
        closing
    }

    /// The line for programs.
    pub(super) fn json(&self, line: &Line) -> Value {
        let mut value = json!({
            "at": line.at,
            "epoch": line.epoch.0,
            "tick": line.tick.0,
            "character": line.character.0,
            "name": self.names.get(&line.character),
            "rows_known": !line.are_images_gone,
            "columns": line.columns.as_ref().map(|columns| columns.iter().map(json_column).collect::<Vec<_>>()),
        });
        match &line.event {
            InputKind::Acted { name, code, action, touched } => {
                value["event"] = json!("action");
                value["verb"] = json!(self.verb(action));
                value["seq"] = json!(name.seq.0);
                value["verdict"] = json!(self.verdict(*code));
                value["touched"] = touched.iter().map(json_touched).collect();
            }
            InputKind::Joined { session_epoch, resumed } => {
                value["event"] = json!("joined");
                value["session_epoch"] = json!(session_epoch.0);
                value["resumed"] = json!(resumed);
            }
            InputKind::Left => value["event"] = json!("left"),
        }
        value
    }

    /// The verb's tag is the first thing in an action, as a varint: up to 255, it is in the first two bytes.
    fn verb(&self, action: &Blob) -> String {
        let tag = match action.0[..] {
            [tag, ..] if tag < 0x80 => Some(tag),
            [low, high, ..] => Some((low & 0x7f) | (high << 7)),
            _ => None,
        };
        let name = tag.and_then(|tag| self.verbs.get(&tag));
        name.map_or_else(|| format!("a verb that this build does not have ({tag:?})"), ToString::to_string)
    }

    fn verdict(&self, code: Code) -> String {
        self.codes.get(&code).map_or_else(|| format!("code {code}"), ToString::to_string)
    }

    fn who(&self, home: Option<EntityId>) -> String {
        let Some(id) = home else { return "the world".to_owned() };
        self.names.get(&id).map_or_else(|| format!("character {id}"), |name| format!("{name} ({id})"))
    }

    fn thing(&self, id: EntityId) -> String {
        if id.is_character() { self.who(Some(id)) } else { format!("item {id}") }
    }

    fn change(&self, change: HomeChange) -> Option<String> {
        match change {
            HomeChange::Same => None,
            HomeChange::Moved { from, to } => Some(format!("from {} to {}", self.who(from), self.who(to))),
            HomeChange::Made { to } => Some(format!("made, with {}", self.who(to))),
            HomeChange::Destroyed { from } => Some(format!("destroyed, with {}", self.who(from))),
        }
    }
}

/// Whether something changed that only an image could tell, and there is none.
fn is_vague(line: &Line) -> bool {
    let InputKind::Acted { touched, .. } = &line.event else { return false };
    line.are_images_gone && touched.iter().any(|touched| touched.home == HomeChange::Same)
}

fn column(change: &ColumnChange) -> String {
    let ColumnChange { table, column, before, after } = change;
    format!("{table}.{column} {} → {}", cell(before.as_ref()), cell(after.as_ref()))
}

fn cell(value: Option<&ImageCell<'_>>) -> String {
    match value {
        None => "–".to_owned(),
        Some(ImageCell::LeftOut) => "free text".to_owned(),
        value => json_cell(value).to_string(),
    }
}

fn json_column(change: &ColumnChange) -> Value {
    let ColumnChange { table, column, before, after } = change;
    json!({
        "table": table,
        "column": column,
        "before": json_cell(before.as_ref()),
        "after": json_cell(after.as_ref()),
    })
}

fn json_cell(value: Option<&ImageCell<'_>>) -> Value {
    match value {
        None | Some(ImageCell::Null | ImageCell::LeftOut) => Value::Null,
        Some(ImageCell::Bool(value)) => json!(value),
        Some(ImageCell::SmallInt(value)) => json!(value),
        Some(ImageCell::Int(value)) => json!(value),
        Some(ImageCell::BigInt(value)) => json!(value),
        Some(ImageCell::Text(value)) => json!(value),
        Some(ImageCell::Bytes(value)) => json!(format!("{} bytes", value.len())),
        Some(ImageCell::BigInts(values)) => json!(values),
    }
}

fn json_touched(touched: &Touched) -> Value {
    let home = |home: Option<EntityId>| json!(home.map(|home| home.0));
    let (change, from, to) = match touched.home {
        HomeChange::Same => ("same", Value::Null, Value::Null),
        HomeChange::Moved { from, to } => ("moved", home(from), home(to)),
        HomeChange::Made { to } => ("made", Value::Null, home(to)),
        HomeChange::Destroyed { from } => ("destroyed", home(from), Value::Null),
    };
    json!({ "entity": touched.entity.0, "change": change, "from": from, "to": to })
}
