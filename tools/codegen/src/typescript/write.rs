//! Functions from values to bytes.

use std::fmt::Write as _;

use super::Module;
use super::read::{list_name, names_list};
use crate::model::{Kind, Shape, TypeDef};
use crate::names::camel_case;

impl Module<'_> {
    /// The function that writes a shape.
    pub(super) fn writer_of(&mut self, shape: &Shape) -> String {
        match self.types.resolve(shape) {
            Shape::Named(name) => format!("write{name}"),
            _ => format!("(value, to) => {{\n  {};\n}}", self.write(shape, "value")),
        }
    }

    /// The statement, without its semicolon, that writes `value` to `to`.
    pub(super) fn write(&mut self, shape: &Shape, value: &str) -> String {
        match self.types.resolve(shape).clone() {
            Shape::Bool => format!("to.bool({value})"),
            Shape::U8 => format!("to.u8({value})"),
            Shape::U16 => format!("to.u16({value})"),
            Shape::U32 => format!("to.u32({value})"),
            Shape::U64 => format!("to.u64({value})"),
            Shape::Text => format!("to.text({value})"),
            Shape::Blob => format!("to.blob({value})"),
            Shape::Bytes(count) => format!("to.fixed({value}, {count})"),
            Shape::Option(inner) => {
                format!("to.some({value} !== null);\n  if ({value} !== null) {}", self.write(&inner, value))
            }
            Shape::List(element) => {
                self.define_list(&element);
                format!("write{}List({value}, to)", list_name(&element))
            }
            Shape::Named(name) => format!("write{name}({value}, to)"),
        }
    }

    /// A type's function.
    pub(super) fn define_write(&mut self, def: &TypeDef) {
        let name = &def.name;
        let mut text = String::new();
        match &def.kind {
            Kind::Newtype(_) => return,
            Kind::Struct(fields) if fields.is_empty() => {
                let _ = write!(text, "function write{name}(_value: {name}, _to: Writer): void {{}}\n\n");
            }
            Kind::Struct(fields) => {
                let _ = writeln!(text, "function write{name}(value: {name}, to: Writer): void {{");
                for field in fields {
                    let statement = self.write(&field.shape, &format!("value.{}", camel_case(&field.name)));
                    let _ = writeln!(text, "  {statement};");
                }
                text.push_str("}\n\n");
            }
            Kind::Enum(_) if def.kind.plain_names().is_some() => {
                let _ = write!(
                    text,
                    "function write{name}(value: {name}, to: Writer): void {{\n\
                     \x20 const number = {list}.indexOf(value);\n\
                     \x20 if (number < 0) throw new EncodeError(\"there is no such {name}\");\n\
                     \x20 to.u32(number);\n}}\n\n",
                    list = names_list(name),
                );
            }
            Kind::Enum(variants) => {
                let _ = writeln!(
                    text,
                    "function write{name}(value: {name}, to: Writer): void {{\n  switch (value.type) {{"
                );
                for variant in variants {
                    let _ = writeln!(text, "    case \"{}\":\n      to.u32({});", variant.name, variant.tag);
                    if let Some(content) = &variant.content {
                        let statement = self.write(content, "value.value");
                        let _ = writeln!(text, "      {statement};");
                    }
                    text.push_str("      return;\n");
                }
                let _ = write!(
                    text,
                    "    default:\n      throw new EncodeError(\"no {name} is of this type\");\n  }}\n}}\n\n"
                );
            }
        }
        self.body.push_str(&text);
    }
}
