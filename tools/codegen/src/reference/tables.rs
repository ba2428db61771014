//! Types and codes as tables.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use holdfast_protocol::CodeEntry;

use crate::model::{Kind, Shape};
use crate::names::snake_case;
use crate::wire::Wire;

/// A shape as the page writes it.
pub(super) fn shape(of: &Shape) -> String {
    match of {
        Shape::Bool => "bool".to_owned(),
        Shape::U8 => "u8".to_owned(),
        Shape::U16 => "u16".to_owned(),
        Shape::U32 => "u32".to_owned(),
        Shape::U64 => "u64".to_owned(),
        Shape::Text => "text".to_owned(),
        Shape::Blob => "blob".to_owned(),
        Shape::Bytes(count) => format!("bytes[{count}]"),
        Shape::Option(inner) => format!("option of {}", shape(inner)),
        Shape::List(element) => format!("list of {}", shape(element)),
        Shape::Named(name) => name.clone(),
    }
}

/// Text in a cell of a table.
pub(super) fn cell(docs: &str) -> String {
    docs.replace("\n\n", " ").replace('\n', " ").replace('|', "\\|")
}

/// Names that add no bytes.
pub(super) fn newtypes(wire: &Wire) -> String {
    let mut text = "| name | is written as | meaning |\n|---|---|---|\n".to_owned();
    for def in wire.types.iter() {
        if let Kind::Newtype(inner) = &def.kind {
            let _ = writeln!(text, "| `{}` | {} | {} |", def.name, shape(inner), cell(&def.docs));
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// A type: what it means, and its fields or variants in the order of their bytes.
pub(super) fn definition(wire: &Wire, name: &str) -> Result<String> {
    let def = wire.types.get(name).with_context(|| format!("there is no type {name}"))?;
    let mut text = def.docs.clone() + "\n";
    match &def.kind {
        Kind::Newtype(inner) => {
            let _ = writeln!(text, "\nWritten as {}.", shape(inner));
        }
        Kind::Struct(fields) if fields.is_empty() => text.push_str("\nNo fields, and so no bytes.\n"),
        Kind::Struct(fields) => {
            text.push_str("\n| field | type | meaning |\n|---|---|---|\n");
            for field in fields {
                let _ =
                    writeln!(text, "| `{}` | {} | {} |", field.name, shape(&field.shape), cell(&field.docs));
            }
        }
        Kind::Enum(variants) => {
            text.push_str("\n| tag | variant | holds | meaning |\n|---|---|---|---|\n");
            for variant in variants {
                let content = variant.content.as_ref().map_or_else(|| "nothing".to_owned(), shape);
                let (tag, name) = (variant.tag, &variant.name);
                let _ = writeln!(text, "| {tag} | `{name}` | {content} | {} |", cell(&variant.docs));
            }
        }
    }
    text.truncate(text.trim_end().len());
    Ok(text)
}

/// The registry.
pub(super) fn codes(codes: &[CodeEntry]) -> String {
    let mut text = "| code | name | category | retryable | sentence |\n|---|---|---|---|---|\n".to_owned();
    for CodeEntry { code, name, category, retryable, says } in codes {
        let category = snake_case(&format!("{category:?}"));
        let retryable = if *retryable { "yes" } else { "no" };
        let _ = writeln!(text, "| {} | `{name}` | {category} | {retryable} | {says} |", code.0);
    }
    text.truncate(text.trim_end().len());
    text
}

/// Which close code stands for which codes.
pub(super) fn close_codes(codes: &[CodeEntry]) -> String {
    let mut by_close: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for entry in codes.iter().filter(|entry| entry.code != holdfast_protocol::Code::ACCEPTED) {
        by_close.entry(entry.code.close_code()).or_default().push(format!("`{}`", entry.name));
    }
    let mut text = "| close code | for |\n|---|---|\n".to_owned();
    for (close, names) in by_close {
        let _ = writeln!(text, "| {close} | {} |", names.join(", "));
    }
    text.truncate(text.trim_end().len());
    text
}
