//! PROTOCOL.md: the page from which a stranger writes a client.
//!
//! Its prose stands in `protocol.md`, beside this crate's manifest; wherever that says `{{name}}` something is filled
//! in: a number that the code has as a constant, a table of types or codes, or the bytes of a golden vector taken
//! apart. What the page says of bytes is so made from the same code as the bytes.

mod dissect;
mod numbers;
mod tables;
mod village;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value};

use crate::wire::Wire;

const PROSE: &str = include_str!("../protocol.md");

/// The golden vectors, of the engine and of the village.
const VECTORS: &[&str] = &["tests/golden/wire.json", "tests/golden/village.json"];

/// The page.
pub(crate) fn page(root: &Path, wire: &Wire) -> Result<String> {
    let mut vectors = Map::new();
    for path in VECTORS {
        let text = fs::read_to_string(root.join(path)).with_context(|| format!("read {path}"))?;
        vectors.extend(
            serde_json::from_str::<Map<String, Value>>(&text).with_context(|| format!("parse {path}"))?,
        );
    }
    let page = fill_in(PROSE, |name| {
        content(name, wire, &vectors).with_context(|| format!("fill in {{{{{name}}}}}"))
    })?;
    // A type that somebody adds must get its place in the prose.
    let missing =
        wire.types.iter().filter(|def| !page.contains(&def.docs) && !page.contains(&tables::cell(&def.docs)));
    let missing: Vec<&str> = missing.map(|def| def.name.as_str()).collect();
    ensure!(missing.is_empty(), "protocol.md has no place for {}", missing.join(", "));
    Ok(page)
}

fn content(name: &str, wire: &Wire, vectors: &Map<String, Value>) -> Result<String> {
    let (what, of) = name.split_once(' ').unwrap_or((name, ""));
    Ok(match what {
        "number" => numbers::number(of)?,
        "newtypes" => tables::newtypes(wire),
        "type" => tables::definition(wire, of)?,
        "close-codes" => tables::close_codes(&wire.engine_codes),
        "engine-codes" => tables::codes(&wire.engine_codes),
        "game-codes" => tables::codes(&wire.game.codes),
        "verbs" => village::verbs(wire)?,
        "parts" => village::parts(wire)?,
        "archetypes" => village::archetypes(),
        "hash" => dissect::hash(),
        "hex" => hex_of(of, vectors)?.to_owned(),
        "bytes" => {
            let (vector, of_type) = of.split_once(' ').context("a vector and a type are needed")?;
            dissect::table(wire, of_type, hex_of(vector, vectors)?)?
        }
        _ => bail!("nobody knows what this is"),
    })
}

fn hex_of<'a>(vector: &str, vectors: &'a Map<String, Value>) -> Result<&'a str> {
    let hex = vectors.get(vector).and_then(|vector| vector.get("hex")).and_then(Value::as_str);
    hex.with_context(|| format!("there is no vector {vector}"))
}

/// The prose with every `{{name}}` replaced.
fn fill_in(prose: &str, mut content: impl FnMut(&str) -> Result<String>) -> Result<String> {
    let mut page = String::with_capacity(prose.len() * 2);
    let mut rest = prose;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").context("a {{ has no }}")?;
        page.push_str(before);
        page.push_str(&content(name.trim())?);
        rest = after;
    }
    page.push_str(rest);
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_knows_is_refused() {
        let page = fill_in("a {{x}} b {{y}}", |name| Ok(name.to_uppercase())).unwrap();
        assert_eq!(page, "a X b Y");
        assert!(fill_in("{{x}}", |_| bail!("no")).is_err());
        assert!(fill_in("{{x", |_| Ok(String::new())).is_err());
        assert!(numbers::number("of stars").is_err());
    }
}
