//! Functions from bytes to values.

use std::fmt::Write as _;

use super::Module;
use crate::model::{Kind, Shape, TypeDef};
use crate::names::{camel_case, pascal_case, snake_case};

impl Module<'_> {
    /// The function that reads a shape.
    pub(super) fn reader_of(&mut self, shape: &Shape) -> String {
        match self.types.resolve(shape) {
            Shape::Named(name) => format!("read{name}"),
            _ => format!("(from) => {}", self.read(shape)),
        }
    }

    /// The expression that reads a shape from `from`.
    pub(super) fn read(&mut self, shape: &Shape) -> String {
        match self.types.resolve(shape).clone() {
            Shape::Bool => "from.bool()".to_owned(),
            Shape::U8 => "from.u8()".to_owned(),
            Shape::U16 => "from.u16()".to_owned(),
            Shape::U32 => "from.u32()".to_owned(),
            Shape::U64 => "from.u64()".to_owned(),
            Shape::Text => "from.text()".to_owned(),
            Shape::Blob => "from.blob()".to_owned(),
            Shape::Bytes(count) => format!("from.fixed({count})"),
            Shape::Option(inner) => format!("from.some() ? {} : null", self.read(&inner)),
            Shape::List(element) => {
                self.define_list(&element);
                format!("read{}List(from)", list_name(&element))
            }
            Shape::Named(name) => format!("read{name}(from)"),
        }
    }

    /// A type's function.
    pub(super) fn define_read(&mut self, def: &TypeDef) {
        let name = &def.name;
        let mut text = String::new();
        match &def.kind {
            Kind::Newtype(_) => return,
            Kind::Struct(fields) if fields.is_empty() => {
                let _ = write!(text, "function read{name}(_from: Reader): {name} {{\n  return {{}};\n}}\n\n");
            }
            Kind::Struct(fields) => {
                let _ = writeln!(text, "function read{name}(from: Reader): {name} {{\n  return {{");
                for field in fields {
                    let value = self.read(&field.shape);
                    let _ = writeln!(text, "    {}: {value},", camel_case(&field.name));
                }
                text.push_str("  };\n}\n\n");
            }
            Kind::Enum(variants) if def.kind.plain_names().is_some() => {
                let names: Vec<String> =
                    variants.iter().map(|variant| format!("  \"{}\",\n", variant.name)).collect();
                let _ = write!(
                    text,
                    "const {list}: readonly {name}[] = [\n{names}];\n\n\
                     function read{name}(from: Reader): {name} {{\n\
                     \x20 const name = {list}[from.u32()];\n\
                     \x20 if (name === undefined) throw from.error(\"no {name} has this number\");\n\
                     \x20 return name;\n}}\n\n",
                    list = names_list(name),
                    names = names.concat(),
                );
            }
            Kind::Enum(variants) => {
                let _ =
                    writeln!(text, "function read{name}(from: Reader): {name} {{\n  switch (from.u32()) {{");
                for variant in variants {
                    let value = variant.content.as_ref().map(|content| self.read(content));
                    let value = value.map_or(String::new(), |value| format!(", value: {value}"));
                    let (tag, variant) = (variant.tag, &variant.name);
                    let _ = writeln!(text, "    case {tag}:\n      return {{ type: \"{variant}\"{value} }};");
                }
                let _ = write!(
                    text,
                    "    default:\n      throw from.error(\"no {name} has this tag\");\n  }}\n}}\n\n"
                );
            }
        }
        self.body.push_str(&text);
    }

    /// The functions of a list, once.
    pub(super) fn define_list(&mut self, element: &Shape) {
        let name = list_name(element);
        if !self.lists.insert(name.clone()) {
            return;
        }
        let of = self.type_of(element);
        let least = self.types.least_bytes(element);
        let (read, write) = (self.read(element), self.write(element, "element"));
        let _ = write!(
            self.body,
            "function read{name}List(from: Reader): {of}[] {{\n\
             \x20 const list: {of}[] = [];\n\
             \x20 for (let left = from.count({least}); left > 0; left -= 1) list.push({read});\n\
             \x20 return list;\n}}\n\n\
             function write{name}List(list: readonly {of}[], to: Writer): void {{\n\
             \x20 to.count(list.length);\n\
             \x20 for (const element of list) {{\n    {write};\n  }}\n}}\n\n",
        );
    }
}

/// What a list's functions are called by.
pub(super) fn list_name(element: &Shape) -> String {
    match element {
        Shape::Named(name) => name.clone(),
        other => pascal_case(&snake_case(&format!("{other:?}"))).replace(|c: char| !c.is_alphanumeric(), ""),
    }
}

/// The constant that holds an enum's names in the order of their tags.
pub(super) fn names_list(name: &str) -> String {
    snake_case(name).to_ascii_uppercase() + "_NAMES"
}
