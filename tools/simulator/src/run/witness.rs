//! Looks at every message as it leaves a server, and compares it with what is committed at that instant.
//!
//! Clients cannot do that, and a checker of real processes cannot either: it learns of a message that left too early
//! only where something then happens that makes it untrue. The witness sees each. It also knows what a snapshot would
//! show just now, and remembers it with some messages, to be compared with what the client makes of them.

use bytes::Bytes;
use holdfast::Replicate as _;
use holdfast::persistence::durable::{Cell, Durable};
use holdfast_client::WorldCopy;
use holdfast_protocol::{
    ChunkId, EntityId, Frame, OwnWrite, PartTag, Refusal, Seq, ServerMessage, SyncToken, Verdict, Welcome,
    decode,
};
use ledger::component::{Tape, TapeWire};
use ledger::group::group_of;
use rand::RngExt as _;

use super::Simulation;
use crate::host::State;
use crate::snapshot::snapshot_copy;

/// Of how many messages one is remembered with a snapshot.
const COMPARED_OF: u32 = 16;

/// How long a slot of a ring at rest is: nonce, code, detail. One byte of format version stands before the first.
const SLOT_BYTES: usize = 10;

impl Simulation<'_> {
    /// Looks at a message that a socket is writing just now.
    pub(super) fn look_at(&mut self, host: usize, link: usize, bytes: &Bytes, is_notice: bool) {
        if !is_notice {
            self.owner_may_speak(host);
        }
        if !self.options.with_witness {
            return;
        }
        let client = self.links[link].client;
        match decode::<ServerMessage>(bytes) {
            Ok(message) => {
                if let Err(what) = self.is_committed(client, &message) {
                    self.fail(format!("client {client} is told before it is durable: {what}"));
                }
            }
            Err(_) => self.fail("a server writes what cannot be read".to_owned()),
        }
    }

    /// What the client's copy must be once it has taken in the message that the front has made just now; for some.
    pub(super) fn expect_some(&mut self, host: usize, link: usize, bytes: &Bytes) -> Option<Box<WorldCopy>> {
        if !self.rng.random_ratio(1, COMPARED_OF) {
            return None;
        }
        let is_whole = match decode::<ServerMessage>(bytes) {
            Ok(ServerMessage::Frame(frame)) => frame.token.is_some(),
            _ => false,
        };
        if !is_whole {
            return None;
        }
        self.fresh_copy(host, self.links[link].client).map(Box::new)
    }

    /// An owner whose lease had run out when another took the world says nothing any more.
    fn owner_may_speak(&mut self, host: usize) {
        let State::Owning { epoch, .. } = self.hosts[host].state else { return };
        if self
            .database
            .after_lease
            .is_some_and(|later| epoch < later && later <= self.database.model.mark().epoch)
        {
            self.fail(format!("epoch {epoch} speaks, and another has taken the world after its lease"));
        }
    }

    fn is_committed(&self, client: usize, message: &ServerMessage) -> Result<(), String> {
        let character = self.players[client].character;
        let row = self.database.model.tables().characters.get(&character);
        let last_seq = row.map_or(Seq(0), |row| row.last_seq);
        match message {
            ServerMessage::Welcome(Welcome { last_seq: told, .. }) if *told > last_seq => {
                Err(format!("Welcome with last seq {told}, and {last_seq} is stored"))
            }
            ServerMessage::Refused(Refusal { expected, .. }) if *expected > last_seq.next() => {
                Err(format!("a refusal that expects {expected}, and {last_seq} is stored"))
            }
            ServerMessage::Frame(frame) => {
                let ring = row.map_or(&[][..], |row| &row.ring);
                for verdict in &frame.verdicts {
                    is_kept(verdict, last_seq, ring)?;
                }
                for reply in &frame.replies {
                    let tape: TapeWire =
                        decode(&reply.body.0).map_err(|_| "a reply that is none".to_owned())?;
                    if let Some(id) = self.players[client].reads.get(&reply.seq) {
                        self.is_stored(*id, &tape.tokens)?;
                    }
                }
                for entity in frame.chunks.iter().flat_map(|chunk| &chunk.entities) {
                    for part in entity.parts.iter().filter(|part| part.tag == PartTag(Tape::TAG)) {
                        let tape: TapeWire =
                            decode(&part.body.0).map_err(|_| "a tape that is none".to_owned())?;
                        self.is_stored(entity.id, &tape.tokens)?;
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Whether these tokens are the beginning of what is stored.
    fn is_stored(&self, tape: EntityId, tokens: &[u64]) -> Result<(), String> {
        let model = &self.database.model;
        let table = model.definitions().iter().position(|table| table.table == Tape::TABLE);
        let row = table.and_then(|table| model.tables().components.get(table)?.get(&tape));
        let stored = match row.and_then(|row| row.row.0.first()) {
            Some(Cell::BigInts(stored)) => stored.as_slice(),
            _ => &[],
        };
        let is_beginning = tokens.len() <= stored.len()
            && tokens.iter().zip(stored).all(|(told, stored)| *told == stored.cast_unsigned());
        if is_beginning { Ok(()) } else { Err(format!("{} tokens of tape {tape}", tokens.len())) }
    }

    /// What a snapshot of this server would show a client now.
    pub(super) fn fresh_copy(&self, host: usize, client: usize) -> Option<WorldCopy> {
        let State::Owning { process, epoch } = &self.hosts[host].state else { return None };
        let front = process.hub().front();
        let character = self.players[client].character;
        let center = ChunkId(u64::from(group_of(character)));
        let frame = Frame {
            chunks: front.snapshot(center),
            own: OwnWrite { roster: None, entities: front.own_snapshot(character) },
            ..Frame::default()
        };
        let mark = self.database.model.mark();
        let held = SyncToken {
            world: crate::model_store::WORLD,
            epoch: *epoch,
            tag: mark.tag,
            tick: front.durable(),
            center,
        };
        Some(snapshot_copy(held, frame))
    }

    /// Compares what a client holds with what it should.
    pub(super) fn compare(&mut self, client: usize, expected: &WorldCopy) {
        self.figures.compared += 1;
        let copy = self.players[client].core.copy();
        if !copy.snapshot_eq(expected) {
            let differences = copy.differences(expected).join("; ");
            self.fail(format!("I6 client {client} does not hold what a snapshot shows: {differences}"));
        }
    }
}

/// Whether the answer stands in the ring that is stored.
fn is_kept(verdict: &Verdict, last_seq: Seq, ring: &[u8]) -> Result<(), String> {
    let seq = verdict.action.seq;
    if seq > last_seq {
        return Err(format!("the verdict on {seq}, and {last_seq} is stored"));
    }
    let slots = (ring.len().saturating_sub(1) / SLOT_BYTES) as u64;
    let place = seq.0.checked_rem(slots).unwrap_or(0);
    let from = 1 + usize::try_from(place).unwrap_or(0) * SLOT_BYTES;
    let mut kept = verdict.action.nonce.0.to_le_bytes().to_vec();
    kept.extend(verdict.code.0.to_le_bytes());
    if ring.get(from..from + kept.len()) == Some(&kept) {
        Ok(())
    } else {
        Err(format!("a verdict on {seq} that is not the stored one"))
    }
}
