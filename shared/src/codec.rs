//! Bytes to values and back: postcard, with nothing left over.
//!
//! postcard's own `from_bytes` forgives trailing bytes; here they are an error, since a peer that sends them speaks
//! another protocol than we do.

use core::fmt;

use postcard_schema::Schema;
use postcard_schema::schema::{DataModelType, NamedType};
use serde::de::{DeserializeOwned, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why bytes are not a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end early, name an unknown variant, or hold text that is not UTF-8.
    #[error("the bytes do not form a message")]
    Malformed,
    /// A whole value was read and bytes are left.
    #[error("{0} bytes are left over behind the message")]
    Trailing(usize),
}

/// The bytes of `value`.
///
/// # Panics
/// Where `value` cannot be written at all (a sequence of unknown length); no type of this project is such a one.
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    postcard::to_stdvec(value).expect("wire types have sequences of known length")
}

/// The value that `bytes` hold, all of them.
///
/// # Errors
/// Where they do not form a `T`, or more than one.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        Ok((_, rest)) => Err(DecodeError::Trailing(rest.len())),
        Err(_) => Err(DecodeError::Malformed),
    }
}

/// Appends `value` as postcard writes an unsigned number: seven bits a byte, the lowest first.
pub fn write_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push((value & 0x7f) as u8);
}

/// The unsigned number with which `bytes` begin, and what follows it; none where they do not begin with one.
#[must_use]
pub fn read_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    postcard::take_from_bytes(bytes).ok()
}

/// Bytes that this layer carries without looking into them: a length, then the bytes.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Blob(pub Vec<u8>);

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({} bytes)", self.0.len())
    }
}

impl Schema for Blob {
    const SCHEMA: &'static NamedType = &NamedType { name: "Blob", ty: &DataModelType::ByteArray };
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BlobVisitor;
        impl<'de> Visitor<'de> for BlobVisitor {
            type Value = Blob;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Blob, E> {
                Ok(Blob(bytes.to_vec()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Blob, A::Error> {
                let mut bytes = Vec::new();
                while let Some(byte) = seq.next_element()? {
                    if bytes.len() == u32::MAX as usize {
                        return Err(A::Error::custom("too long"));
                    }
                    bytes.push(byte);
                }
                Ok(Blob(bytes))
            }
        }
        deserializer.deserialize_bytes(BlobVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailing_bytes_are_refused() {
        let mut bytes = encode(&(7_u32, "well"));
        assert_eq!(decode::<(u32, String)>(&bytes), Ok((7, "well".into())));
        bytes.push(0);
        assert_eq!(decode::<(u32, String)>(&bytes), Err(DecodeError::Trailing(1)));
    }

    #[test]
    fn a_length_beyond_the_bytes_is_refused_without_reserving_it() {
        let mut bytes = Vec::new();
        write_varint(u64::from(u32::MAX), &mut bytes);
        assert_eq!(decode::<Blob>(&bytes), Err(DecodeError::Malformed));
        assert_eq!(decode::<Vec<u64>>(&bytes), Err(DecodeError::Malformed));
    }

    #[test]
    fn our_varint_is_postcards() {
        for value in [0, 1, 127, 128, 300, 1 << 35, u64::MAX] {
            let mut ours = Vec::new();
            write_varint(value, &mut ours);
            assert_eq!(ours, encode(&value));
            assert_eq!(read_varint(&ours), Some((value, [].as_slice())));
        }
    }
}
