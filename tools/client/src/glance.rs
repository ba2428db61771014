//! A message, read by a client whose copy nobody looks at: a bot among thousands.
//!
//! Most of a frame tells of others. Here that is passed over where it lies, without a copy and without an allocation;
//! what remains is a frame like any other, which answers the same actions, builds upon the same token and leads to the
//! same one, and tells of the client's own character and belongings alone.

use holdfast_protocol::{
    ChunkHash, ChunkId, ChunkWrite, DecodeError, EntityId, EntityWrite, Frame, Part, PartTag, ServerMessage,
    decode,
};
use serde::Deserialize;

/// How a frame begins: its place among the server's messages.
const FRAME: u8 = 2;

/// The message that `bytes` hold. Of a frame, what it says of anybody but `character` is left out, and so are its hashes
/// and membership lists: they are true of a whole copy only.
///
/// # Errors
/// As [`decode`].
pub fn glance(bytes: &[u8], character: EntityId) -> Result<ServerMessage, DecodeError> {
    let Some((&FRAME, rest)) = bytes.split_first() else { return decode(bytes) };
    let mut cursor = Cursor(rest);
    let frame = cursor.frame(character)?;
    match cursor.0.len() {
        0 => Ok(ServerMessage::Frame(frame)),
        left => Err(DecodeError::Trailing(left)),
    }
}

/// What is yet to be read.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn frame(&mut self, character: EntityId) -> Result<Frame, DecodeError> {
        let mut frame =
            Frame { from: self.next()?, verdicts: self.next()?, replies: self.next()?, ..Frame::default() };
        self.pass::<ChunkId>()?;
        for _ in 0..self.next::<u64>()? {
            self.next::<ChunkId>()?;
            self.pass::<EntityId>()?;
        }
        for _ in 0..self.next::<u64>()? {
            let chunk = self.next()?;
            for _ in 0..self.next::<u64>()? {
                if let Some(own) = self.entity(character)? {
                    frame.chunks.push(ChunkWrite { chunk, entities: vec![own] });
                }
            }
        }
        frame.own = self.next()?;
        self.pass::<ChunkHash>()?;
        frame.token = self.next()?;
        Ok(frame)
    }

    /// An entity, where it is the character.
    fn entity(&mut self, character: EntityId) -> Result<Option<EntityWrite>, DecodeError> {
        let (id, whole) = (self.next()?, self.next()?);
        if id == character {
            return Ok(Some(EntityWrite { id, whole, parts: self.next::<Vec<Part>>()? }));
        }
        self.pass::<(PartTag, &[u8])>()?;
        Ok(None)
    }

    fn next<T: Deserialize<'a>>(&mut self) -> Result<T, DecodeError> {
        let (value, rest) = postcard::take_from_bytes(self.0).map_err(|_| DecodeError::Malformed)?;
        self.0 = rest;
        Ok(value)
    }

    /// Passes over a list. One that says that it is longer than the bytes ends with them.
    fn pass<T: Deserialize<'a>>(&mut self) -> Result<(), DecodeError> {
        for _ in 0..self.next::<u64>()? {
            self.next::<T>()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
