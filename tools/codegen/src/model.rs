//! The wire's types as other languages need them: names, fields, tags, and what each means.
//!
//! They are made from the schemas that the Rust types carry, and the documentation that stands beside these types in
//! the sources. Kinds of types that the wire does not use are refused here, so that nobody downstream has to think of
//! them.

use anyhow::{Context as _, Result, bail, ensure};
use postcard_schema::schema::{DataModelType, DataModelVariant, NamedType, NamedVariant};

use crate::docs::Docs;
use crate::names::snake_case;

/// What a value looks like in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Bool,
    U8,
    U16,
    U32,
    U64,
    Text,
    /// A length, then bytes.
    Blob,
    /// So many bytes.
    Bytes(usize),
    Option(Box<Shape>),
    List(Box<Shape>),
    /// A type of this name.
    Named(String),
}

/// A type with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TypeDef {
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) kind: Kind,
}

/// What a named type is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Another name for something: it adds no bytes.
    Newtype(Shape),
    /// Fields, one after the other.
    Struct(Vec<Field>),
    /// A tag, then what belongs to it.
    Enum(Vec<Variant>),
}

/// A field of a struct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) shape: Shape,
}

/// A variant of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variant {
    pub(crate) tag: u32,
    /// In snake_case.
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) content: Option<Shape>,
}

/// Types in the order in which they were first reached.
#[derive(Debug, Default)]
pub(crate) struct Types {
    types: Vec<TypeDef>,
}

impl Types {
    pub(crate) fn get(&self, name: &str) -> Option<&TypeDef> {
        self.types.iter().find(|def| def.name == name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &TypeDef> {
        self.types.iter()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.types.len()
    }

    /// Takes in `schema` and everything that it reaches.
    pub(crate) fn reach(&mut self, schema: &NamedType, docs: &Docs) -> Result<Shape> {
        let named = matches!(
            schema.ty,
            DataModelType::NewtypeStruct(_)
                | DataModelType::Struct(_)
                | DataModelType::UnitStruct
                | DataModelType::Enum(_)
        );
        if !named {
            return self.reach_unnamed(schema, docs);
        }
        // The twin of a component is called by the component's name everywhere but in Rust.
        let name = schema.name.strip_suffix("Wire").unwrap_or(schema.name).to_owned();
        let place = self.types.len();
        let kind = self.reach_kind(schema, docs).with_context(|| format!("the type {name}"))?;
        let def = TypeDef { docs: docs.of(schema.name)?.to_owned(), name: name.clone(), kind };
        match self.get(&name) {
            Some(known) => ensure!(*known == def, "two types are called {name}"),
            // A type stands before those that it is made of.
            None => self.types.insert(place, def),
        }
        Ok(Shape::Named(name))
    }

    fn reach_unnamed(&mut self, schema: &NamedType, docs: &Docs) -> Result<Shape> {
        Ok(match schema.ty {
            DataModelType::Bool => Shape::Bool,
            DataModelType::U8 => Shape::U8,
            DataModelType::U16 => Shape::U16,
            DataModelType::U32 => Shape::U32,
            DataModelType::U64 => Shape::U64,
            DataModelType::String => Shape::Text,
            DataModelType::ByteArray => Shape::Blob,
            DataModelType::Tuple(elements)
                if elements.iter().all(|element| matches!(element.ty, DataModelType::U8)) =>
            {
                Shape::Bytes(elements.len())
            }
            DataModelType::Option(inner) => {
                let inner = self.reach(inner, docs)?;
                ensure!(!matches!(inner, Shape::Option(_)), "an option of an option is not used on the wire");
                Shape::Option(Box::new(inner))
            }
            DataModelType::Seq(element) => {
                let element = self.reach(element, docs)?;
                ensure!(self.least_bytes(&element) > 0, "a list of nothing has no bound on its length");
                Shape::List(Box::new(element))
            }
            other => bail!("{other:?} is not used on the wire; teach model.rs and its readers before it is"),
        })
    }

    fn reach_kind(&mut self, schema: &NamedType, docs: &Docs) -> Result<Kind> {
        Ok(match schema.ty {
            DataModelType::NewtypeStruct(inner) => Kind::Newtype(self.reach(inner, docs)?),
            DataModelType::UnitStruct => Kind::Struct(Vec::new()),
            DataModelType::Struct(fields) => {
                let fields = fields.iter().map(|field| {
                    Ok(Field {
                        name: field.name.to_owned(),
                        docs: docs.of(&format!("{}.{}", schema.name, field.name))?.to_owned(),
                        shape: self.reach(field.ty, docs)?,
                    })
                });
                Kind::Struct(fields.collect::<Result<_>>()?)
            }
            DataModelType::Enum(variants) => {
                let variants = (0..).zip(*variants);
                let variants = variants.map(|(tag, variant)| self.reach_variant(tag, schema, variant, docs));
                Kind::Enum(variants.collect::<Result<_>>()?)
            }
            other => bail!("{other:?} has no name"),
        })
    }

    fn reach_variant(
        &mut self,
        tag: u32,
        schema: &NamedType,
        variant: &NamedVariant,
        docs: &Docs,
    ) -> Result<Variant> {
        let content = match variant.ty {
            DataModelVariant::UnitVariant => None,
            DataModelVariant::NewtypeVariant(inner) => Some(self.reach(inner, docs)?),
            other => bail!("the variant {} is a {other:?}, which is not used on the wire", variant.name),
        };
        let docs = docs.of(&format!("{}::{}", schema.name, variant.name))?.to_owned();
        Ok(Variant { tag, name: snake_case(variant.name), docs, content })
    }

    /// How many bytes a value has at the least.
    pub(crate) fn least_bytes(&self, shape: &Shape) -> usize {
        match shape {
            Shape::Bytes(count) => *count,
            Shape::Named(name) => match self.get(name).map(|def| &def.kind) {
                Some(Kind::Newtype(inner)) => self.least_bytes(inner),
                Some(Kind::Struct(fields)) => fields.iter().map(|field| self.least_bytes(&field.shape)).sum(),
                Some(Kind::Enum(variants)) => {
                    let content = |variant: &Variant| {
                        variant.content.as_ref().map_or(0, |content| self.least_bytes(content))
                    };
                    1 + variants.iter().map(content).min().unwrap_or(0)
                }
                None => 0,
            },
            _ => 1,
        }
    }

    /// What a shape is without names that add no bytes.
    pub(crate) fn resolve<'a>(&'a self, shape: &'a Shape) -> &'a Shape {
        match shape {
            Shape::Named(name) => match self.get(name).map(|def| &def.kind) {
                Some(Kind::Newtype(inner)) => self.resolve(inner),
                _ => shape,
            },
            _ => shape,
        }
    }
}

impl Kind {
    /// The variants, where none of them holds anything: the value is then no more than a name.
    pub(crate) fn plain_names(&self) -> Option<&[Variant]> {
        match self {
            Self::Enum(variants) if variants.iter().all(|variant| variant.content.is_none()) => {
                Some(variants)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use postcard_schema::Schema;

    use super::*;

    #[test]
    fn what_the_wire_does_not_use_is_refused_by_name() {
        let docs = Docs::default();
        for schema in [i32::SCHEMA, f32::SCHEMA, <Option<Option<u8>>>::SCHEMA, <Vec<[u8; 0]>>::SCHEMA] {
            assert!(Types::default().reach(schema, &docs).is_err(), "{}", schema.name);
        }
        assert_eq!(Types::default().reach(<[u8; 4]>::SCHEMA, &docs).unwrap(), Shape::Bytes(4));
    }

    #[test]
    fn a_type_without_a_meaning_is_refused() {
        let docs = Docs::default();
        let error = Types::default().reach(holdfast_protocol::Seq::SCHEMA, &docs).unwrap_err();
        assert!(format!("{error:#}").contains("Seq"), "{error:#}");
    }
}
