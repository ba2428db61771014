//! Puts a session's frame together: a header of its own, and the shared bytes of the chunks in its view.
//!
//! The bytes are those that the codec would write for the same `ServerMessage::Frame`, but no such value is ever
//! built: what is encoded already is only copied.

use bytes::Bytes;
use holdfast_protocol::codec::write_varint;
use holdfast_protocol::{ChunkId, EntityId, Reply, TokenPoint, TokenStamp, Verdict, encode};

use super::delta::{Held, delta};
use super::encode::{ChunkEncoder, encode_own};
use super::public_copy::PublicCopy;

/// A frame larger than this comes in parts, in bytes. A part is larger only where a single roster, reply or entity is;
/// beyond [`SERVER_MESSAGE_BYTES_MAX`](holdfast_protocol::SERVER_MESSAGE_BYTES_MAX) sockets do not write it.
pub(crate) const FRAME_PART_BYTES: usize = 64 * 1024;

/// Room for what every part holds besides its content: `from`, counts, token.
const PART_OVERHEAD_BYTES: usize = 128;

/// The place of `Frame` among the variants of `ServerMessage`.
const FRAME_VARIANT: u8 = 2;

/// What a session's next frame is to hold.
pub(crate) struct FrameOrder<'a> {
    /// What the client holds; nothing where it is to get a snapshot.
    pub(crate) held: Option<&'a Held>,
    /// The character that is played.
    pub(crate) character: EntityId,
    /// Where the view is centred.
    pub(crate) center: ChunkId,
    /// The chunks of that view.
    pub(crate) view: &'a [ChunkId],
    /// Answers that are owed.
    pub(crate) verdicts: &'a [Verdict],
    /// Longer answers that are owed.
    pub(crate) replies: &'a [Reply],
    /// Whether the chunks' hashes are due.
    pub(crate) with_hashes: bool,
}

/// The frame's parts, in the order in which they must be sent. There is at least one; the token is in the last.
pub(crate) fn build_frame(
    copy: &PublicCopy,
    encoder: &mut ChunkEncoder,
    order: &FrameOrder<'_>,
) -> Vec<Bytes> {
    let mut parts = Parts::new(order.held.map(|held| held.point));
    for verdict in order.verdicts {
        parts.add(Field::Verdicts, &encode(verdict));
    }
    for reply in order.replies {
        parts.add(Field::Replies, &encode(reply));
    }
    let delta = delta(order.view, order.held);
    for chunk in &delta.lost {
        parts.add(Field::Lost, &encode(chunk));
    }
    for &(chunk, from) in &delta.chunks {
        if let Some(roster) = &encoder.chunk(copy, chunk, from).roster {
            parts.add(Field::Rosters, roster);
        }
    }
    for &(chunk, from) in &delta.chunks {
        for write in &encoder.chunk(copy, chunk, from).writes {
            parts.add(Field::Chunks, write);
        }
    }
    let own = encode_own(copy.private(order.character), delta.own);
    if let Some(roster) = own.roster {
        parts.add_own_roster(roster);
    }
    for entity in &own.entities {
        parts.add(Field::OwnEntities, entity);
    }
    if order.with_hashes {
        for &chunk in order.view {
            parts.add(Field::Hashes, &encode(&copy.hash(chunk)));
        }
    }
    parts.finish(TokenStamp { tick: copy.tick(), center: order.center })
}

/// The sequences in a frame, in the order of the wire. (The own part's roster stands between chunks and own entities.)
#[derive(Clone, Copy)]
enum Field {
    Verdicts,
    Replies,
    Lost,
    Rosters,
    Chunks,
    OwnEntities,
    Hashes,
}

const FIELD_COUNT: usize = 7;

/// A sequence whose elements are encoded already.
#[derive(Default)]
struct Sequence {
    count: u64,
    bytes: Vec<u8>,
}

/// A frame in the making: sealed parts, and the one that still takes content.
struct Parts {
    from: Option<TokenPoint>,
    sealed: Vec<Bytes>,
    open: [Sequence; FIELD_COUNT],
    open_own_roster: Option<Vec<u8>>,
    open_bytes: usize,
}

impl Parts {
    fn new(from: Option<TokenPoint>) -> Self {
        Self { from, sealed: Vec::new(), open: Default::default(), open_own_roster: None, open_bytes: 0 }
    }

    fn add(&mut self, field: Field, element: &[u8]) {
        self.make_room(element.len());
        let sequence = &mut self.open[field as usize];
        sequence.count += 1;
        sequence.bytes.extend_from_slice(element);
    }

    fn add_own_roster(&mut self, roster: Vec<u8>) {
        self.make_room(roster.len());
        self.open_own_roster = Some(roster);
    }

    fn make_room(&mut self, bytes: usize) {
        if self.open_bytes > 0 && self.open_bytes + bytes > FRAME_PART_BYTES - PART_OVERHEAD_BYTES {
            self.seal(None);
        }
        self.open_bytes += bytes;
    }

    fn seal(&mut self, token: Option<TokenStamp>) {
        let mut out = Vec::with_capacity(self.open_bytes + PART_OVERHEAD_BYTES);
        out.push(FRAME_VARIANT);
        out.extend_from_slice(&encode(&self.from));
        let open = std::mem::take(&mut self.open);
        for (index, sequence) in open.iter().enumerate() {
            if index == Field::OwnEntities as usize {
                match self.open_own_roster.take() {
                    Some(roster) => {
                        out.push(1);
                        out.extend_from_slice(&roster);
                    }
                    None => out.push(0),
                }
            }
            write_varint(sequence.count, &mut out);
            out.extend_from_slice(&sequence.bytes);
        }
        out.extend_from_slice(&encode(&token));
        self.open_bytes = 0;
        self.sealed.push(out.into());
    }

    fn finish(mut self, token: TokenStamp) -> Vec<Bytes> {
        self.seal(Some(token));
        self.sealed
    }
}
