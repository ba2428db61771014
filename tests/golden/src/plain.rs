//! The plain JSON form of a value: what a vector says, without any language's habits.
//!
//! Fields are in snake_case. Numbers of 64 bits are decimal text, since many readers of JSON round them. Bytes are hex.
//! A newtype is what it holds, a missing option is null, a struct without fields is an empty object. A variant is its
//! name in snake_case where no variant of its enum holds anything, otherwise an object with its `type` and, where it
//! holds something, its `value`.

use postcard_schema::schema::{DataModelType, DataModelVariant, NamedType, NamedVariant};
use serde_json::{Map, Value, json};

/// The plain form of a value of the type `schema`, from the form that serde gives it in JSON.
///
/// # Panics
/// Where `value` is not of that type, or the type is of a kind that the wire does not use.
pub(crate) fn plain(schema: &NamedType, value: &Value) -> Value {
    match schema.ty {
        DataModelType::Bool
        | DataModelType::U8
        | DataModelType::U16
        | DataModelType::U32
        | DataModelType::String => value.clone(),
        DataModelType::U64 => Value::from(value.to_string()),
        DataModelType::ByteArray => Value::from(hex(&bytes(value))),
        DataModelType::Tuple(elements) if elements.iter().all(|element| is_byte(element)) => {
            Value::from(hex(&bytes(value)))
        }
        DataModelType::Option(inner) => {
            if value.is_null() {
                Value::Null
            } else {
                plain(inner, value)
            }
        }
        DataModelType::NewtypeStruct(inner) => plain(inner, value),
        DataModelType::Seq(element) => {
            let elements = value.as_array().expect("a sequence is an array");
            elements.iter().map(|value| plain(element, value)).collect()
        }
        DataModelType::UnitStruct => json!({}),
        DataModelType::Struct(fields) => {
            let fields =
                fields.iter().map(|field| (field.name.to_owned(), plain(field.ty, &value[field.name])));
            Value::Object(fields.collect())
        }
        DataModelType::Enum(variants) => plain_variant(variants, value),
        other => panic!("the wire does not use {other:?}"),
    }
}

fn plain_variant(variants: &[&NamedVariant], value: &Value) -> Value {
    let (name, content) = match value {
        Value::String(name) => (name, &Value::Null),
        Value::Object(object) => object.iter().next().expect("a variant has a name"),
        other => panic!("{other} is no variant"),
    };
    let name = snake_case(name);
    let variant = variants.iter().find(|variant| snake_case(variant.name) == name);
    let variant = variant.expect("the variant is in the schema");
    if variants.iter().all(|variant| matches!(variant.ty, DataModelVariant::UnitVariant)) {
        return Value::from(name);
    }
    let mut object = Map::from_iter([("type".to_owned(), Value::from(name))]);
    match variant.ty {
        DataModelVariant::UnitVariant => {}
        DataModelVariant::NewtypeVariant(inner) => {
            object.insert("value".to_owned(), plain(inner, content));
        }
        other => panic!("the wire does not use {other:?}"),
    }
    Value::Object(object)
}

fn is_byte(schema: &NamedType) -> bool {
    matches!(schema.ty, DataModelType::U8)
}

fn bytes(value: &Value) -> Vec<u8> {
    let numbers = value.as_array().expect("bytes are an array of numbers");
    let byte = |number: &Value| number.as_u64().and_then(|number| u8::try_from(number).ok());
    numbers.iter().map(|number| byte(number).expect("a byte is at most 255")).collect()
}

/// Two small hex digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `ServerMessage` as `server_message`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for (index, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use postcard_schema::Schema;
    use serde::Serialize;

    use super::*;

    #[derive(Serialize, Schema)]
    enum Shape {
        Round,
        SoWide(u64),
    }

    #[derive(Serialize, Schema)]
    struct Thing {
        shapes: Vec<Shape>,
        key: [u8; 2],
        name: Option<String>,
    }

    #[test]
    fn a_value_is_what_it_says_and_not_how_a_language_holds_it() {
        let thing = Thing { shapes: vec![Shape::Round, Shape::SoWide(u64::MAX)], key: [0, 255], name: None };
        let plain = plain(Thing::SCHEMA, &serde_json::to_value(&thing).unwrap());
        let expected = json!({
            "shapes": [{ "type": "round" }, { "type": "so_wide", "value": "18446744073709551615" }],
            "key": "00ff",
            "name": null,
        });
        assert_eq!(plain, expected);
    }
}
