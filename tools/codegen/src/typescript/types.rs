//! Types: what a value is in TypeScript.

use std::fmt::Write as _;

use super::Module;
use crate::model::{Kind, Shape, TypeDef};
use crate::names::camel_case;

impl Module<'_> {
    /// The type of a shape.
    pub(super) fn type_of(&mut self, shape: &Shape) -> String {
        match shape {
            Shape::Bool => "boolean".to_owned(),
            Shape::U8 | Shape::U16 | Shape::U32 => "number".to_owned(),
            Shape::U64 => "bigint".to_owned(),
            Shape::Text => "string".to_owned(),
            Shape::Blob | Shape::Bytes(_) => "Uint8Array".to_owned(),
            Shape::Option(inner) => self.type_of(inner) + " | null",
            Shape::List(element) => match self.type_of(element) {
                element if element.contains(' ') => format!("readonly ({element})[]"),
                element => format!("readonly {element}[]"),
            },
            Shape::Named(name) => {
                self.mentioned.insert(name.clone());
                name.clone()
            }
        }
    }

    /// A type's declaration.
    pub(super) fn declare(&mut self, def: &TypeDef) {
        let name = &def.name;
        comment(&def.docs, "", &mut self.body);
        match &def.kind {
            Kind::Newtype(inner) => {
                let inner = self.type_of(inner);
                let _ = writeln!(self.body, "export type {name} = {inner};\n");
            }
            Kind::Struct(fields) if fields.is_empty() => {
                let _ = writeln!(self.body, "export type {name} = Readonly<Record<string, never>>;\n");
            }
            Kind::Struct(fields) => {
                let _ = writeln!(self.body, "export interface {name} {{");
                for field in fields {
                    let of = self.type_of(&field.shape);
                    comment(&field.docs, "  ", &mut self.body);
                    let _ = writeln!(self.body, "  readonly {}: {of};", camel_case(&field.name));
                }
                self.body.push_str("}\n\n");
            }
            Kind::Enum(variants) => {
                let _ = write!(self.body, "export type {name} =");
                let is_plain = def.kind.plain_names().is_some();
                for variant in variants {
                    self.body.push('\n');
                    comment(&variant.docs, "  ", &mut self.body);
                    let name = &variant.name;
                    let _ = match &variant.content {
                        None if is_plain => write!(self.body, "  | \"{name}\""),
                        None => write!(self.body, "  | {{ readonly type: \"{name}\" }}"),
                        Some(content) => {
                            let of = self.type_of(content);
                            write!(self.body, "  | {{ readonly type: \"{name}\"; readonly value: {of} }}")
                        }
                    };
                }
                self.body.push_str(";\n\n");
            }
        }
    }
}

/// A documentation comment.
fn comment(docs: &str, indent: &str, out: &mut String) {
    let _ = if docs.contains('\n') {
        let lines: String = docs
            .lines()
            .map(|line| format!("{indent} *{}{line}\n", if line.is_empty() { "" } else { " " }))
            .collect();
        write!(out, "{indent}/**\n{lines}{indent} */\n")
    } else {
        writeln!(out, "{indent}/** {docs} */")
    };
}
