//! A message's bytes taken apart: which of them say what.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail, ensure};
use holdfast_protocol::entity::{entity_hash, write_entity};
use holdfast_protocol::{EntityId, PartTag};

use crate::model::{Kind, Shape, TypeDef};
use crate::wire::Wire;

/// A table of all bytes of a value.
pub(super) fn table(wire: &Wire, of_type: &str, hex: &str) -> Result<String> {
    let mut walk = Walk { wire, bytes: bytes_of(hex)?, place: 0, rows: String::new() };
    walk.rows.push_str("| bytes | field | value |\n|---|---|---|\n");
    match [&wire.game.verb].into_iter().find(|def| def.name == of_type) {
        Some(def) => walk.named(def, "")?,
        None => walk.value(&Shape::Named(of_type.to_owned()), "")?,
    }
    ensure!(walk.place == walk.bytes.len(), "{} bytes are left over", walk.bytes.len() - walk.place);
    walk.rows.truncate(walk.rows.trim_end().len());
    Ok(walk.rows)
}

/// An entity's bytes and their hash, as an example.
pub(super) fn hash() -> String {
    let id = EntityId(70_000);
    let parts = || [(PartTag(1), [1, 2].as_slice()), (PartTag(300), &[])].into_iter();
    let mut bytes = Vec::new();
    write_entity(id, true, parts(), &mut bytes);
    format!("`{}` hashes to {} (`{:#010x}`)", hex(&bytes), entity_hash(id, parts()), entity_hash(id, parts()))
}

struct Walk<'a> {
    wire: &'a Wire,
    bytes: Vec<u8>,
    place: usize,
    rows: String,
}

impl Walk<'_> {
    fn value(&mut self, shape: &Shape, path: &str) -> Result<()> {
        let start = self.place;
        match shape {
            Shape::Bool => {
                let value = self.byte()? == 1;
                self.row(start, path, &value.to_string());
            }
            Shape::U8 => {
                let value = self.byte()?;
                self.row(start, path, &value.to_string());
            }
            Shape::U16 | Shape::U32 | Shape::U64 => {
                let value = self.varint()?;
                self.row(start, path, &value.to_string());
            }
            Shape::Text => {
                let text = self.counted()?;
                let text = String::from_utf8(text).context("a text is not UTF-8")?;
                self.row(start, path, &format!("{} bytes: \"{text}\"", text.len()));
            }
            Shape::Blob => {
                let count = self.counted()?.len();
                self.row(start, path, &format!("{count} bytes"));
            }
            Shape::Bytes(count) => {
                self.take(*count)?;
                self.row(start, path, &format!("{count} bytes, no length before them"));
            }
            Shape::Option(inner) => {
                let is_some = self.byte()? == 1;
                self.row(start, path, if is_some { "there is one" } else { "none" });
                if is_some {
                    self.value(inner, path)?;
                }
            }
            Shape::List(element) => {
                let count = self.varint()?;
                self.row(start, path, &format!("{count} elements"));
                for index in 0..count {
                    self.value(element, &format!("{path}[{index}]"))?;
                }
            }
            Shape::Named(name) => {
                let wire = self.wire;
                let def = wire.types.get(name).with_context(|| format!("there is no type {name}"))?;
                self.named(def, path)?;
            }
        }
        Ok(())
    }

    fn named(&mut self, def: &TypeDef, path: &str) -> Result<()> {
        match &def.kind {
            Kind::Newtype(inner) => self.value(inner, path),
            Kind::Struct(fields) => fields.iter().try_for_each(|field| {
                let path =
                    if path.is_empty() { field.name.clone() } else { format!("{path}.{}", field.name) };
                self.value(&field.shape, &path)
            }),
            Kind::Enum(variants) => {
                let start = self.place;
                let tag = self.varint()?;
                let variant = variants.iter().find(|variant| u64::from(variant.tag) == tag);
                let Some(variant) = variant else { bail!("{} has no variant {tag}", def.name) };
                let what = if path.is_empty() { "tag" } else { path };
                self.row(start, what, &format!("`{}`", variant.name));
                variant.content.as_ref().map_or(Ok(()), |content| self.value(content, path))
            }
        }
    }

    fn row(&mut self, start: usize, path: &str, value: &str) {
        let bytes = &self.bytes[start..self.place];
        let _ = writeln!(self.rows, "| `{}` | {path} | {value} |", hex(bytes));
    }

    fn byte(&mut self) -> Result<u8> {
        let byte = *self.bytes.get(self.place).context("the bytes end early")?;
        self.place += 1;
        Ok(byte)
    }

    fn take(&mut self, count: usize) -> Result<Vec<u8>> {
        (0..count).map(|_| self.byte()).collect()
    }

    fn counted(&mut self) -> Result<Vec<u8>> {
        let count = usize::try_from(self.varint()?)?;
        self.take(count)
    }

    fn varint(&mut self) -> Result<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        bail!("a number is longer than 64 bits")
    }
}

fn bytes_of(hex: &str) -> Result<Vec<u8>> {
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    ensure!(rest.is_empty(), "hex has two digits a byte");
    pairs.iter().map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?)).collect()
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.join(" ")
}
