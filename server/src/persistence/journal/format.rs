//! How inputs stand in the journal: a version byte, then, postcard-encoded, a list of (ticks after the flush's `from`,
//! character, kind).

use holdfast_protocol::{EntityId, Tick, decode, encode};

use super::{Input, InputKind};

/// The version byte with which a flush's inputs begin.
const VERSION: u8 = 1;

/// Bytes that are no inputs of this build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// Another format version, or none.
    #[error("journal of format version {0:?}; this build reads {VERSION}")]
    Version(Option<u8>),
    /// The version is right, the rest is not.
    #[error("the bytes do not form what a flush writes down")]
    Malformed,
}

/// The inputs of a flush that follows tick `from`, as they are kept.
#[must_use]
pub fn inputs_to_bytes(inputs: &[Input], from: Tick) -> Vec<u8> {
    let list: Vec<(u64, EntityId, &InputKind)> = inputs
        .iter()
        .map(|input| (input.tick.0.wrapping_sub(from.0), input.character, &input.kind))
        .collect();
    let mut bytes = vec![VERSION];
    bytes.extend(encode(&list));
    bytes
}

/// The inputs that these bytes hold, of a flush that followed tick `from`.
///
/// # Errors
/// Where they are of another version, or damaged.
pub fn inputs_from_bytes(bytes: &[u8], from: Tick) -> Result<Vec<Input>, FormatError> {
    let Some((&VERSION, list)) = bytes.split_first() else {
        return Err(FormatError::Version(bytes.first().copied()));
    };
    let list: Vec<(u64, EntityId, InputKind)> = decode(list).map_err(|_| FormatError::Malformed)?;
    let input =
        |(offset, character, kind)| Input { tick: Tick(from.0.wrapping_add(offset)), character, kind };
    Ok(list.into_iter().map(input).collect())
}

#[cfg(test)]
mod tests {
    use holdfast_protocol::{ActionName, Blob, Code, Nonce, Seq, SessionEpoch};

    use super::*;
    use crate::persistence::journal::{HomeChange, Touched};

    fn inputs() -> Vec<Input> {
        let touched = |entity, home| Touched { entity: EntityId(entity), home };
        let (ada, bob) = (EntityId(1), EntityId(3));
        let acted = InputKind::Acted {
            name: ActionName { seq: Seq(300), nonce: Nonce(7) },
            code: Code(0x0401),
            action: Blob(vec![4, 6]),
            touched: vec![
                touched(6, HomeChange::Moved { from: None, to: Some(ada) }),
                touched(8, HomeChange::Made { to: Some(ada) }),
                touched(10, HomeChange::Destroyed { from: Some(bob) }),
                touched(12, HomeChange::Same),
            ],
        };
        let joined = InputKind::Joined { session_epoch: SessionEpoch(2), resumed: true };
        vec![
            Input { tick: Tick(801), character: ada, kind: joined },
            Input { tick: Tick(802), character: ada, kind: acted },
            Input { tick: Tick(803), character: bob, kind: InputKind::Left },
        ]
    }

    /// These bytes stand in databases: a change of them needs a new version, and this one must still be read.
    #[test]
    fn the_bytes_at_rest_are_these() {
        let golden: &[u8] = &[
            1, 3, // version, count
            1, 1, 1, 2, 1, // Ada joined
            2, 1, 0, 0xac, 2, 7, 0x81, 8, 2, 4, 6, // Ada acted: seq, nonce, code, action
            4, 6, 1, 0, 1, 1, 8, 2, 1, 1, 10, 3, 1, 3, 12, 0, // what it touched
            3, 3, 2, // Bob left
        ];
        assert_eq!(inputs_to_bytes(&inputs(), Tick(800)), golden);
        assert_eq!(inputs_from_bytes(golden, Tick(800)), Ok(inputs()));
    }

    #[test]
    fn other_versions_and_damaged_bytes_are_refused() {
        let mut bytes = inputs_to_bytes(&inputs(), Tick(800));
        assert_eq!(inputs_from_bytes(&bytes[..9], Tick(800)), Err(FormatError::Malformed));
        bytes.push(0);
        assert_eq!(inputs_from_bytes(&bytes, Tick(800)), Err(FormatError::Malformed));
        bytes[0] = 2;
        assert_eq!(inputs_from_bytes(&bytes, Tick(800)), Err(FormatError::Version(Some(2))));
        assert_eq!(inputs_from_bytes(&[], Tick(800)), Err(FormatError::Version(None)));
    }
}
