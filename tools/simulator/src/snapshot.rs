//! What a client would hold if it had just been sent a snapshot.

use holdfast_client::WorldCopy;
use holdfast_protocol::{Blob, EntityId, Frame, ResyncKind, Seq, SyncToken, TokenStamp, Welcome};

/// A copy that holds what is in the frame, and nothing else.
///
/// # Panics
/// Where the frame is none that a server would send as a snapshot.
#[must_use]
pub fn snapshot_copy(held: SyncToken, frame: Frame) -> WorldCopy {
    let mut copy = WorldCopy::new();
    copy.welcome(&Welcome {
        world: held.world,
        epoch: held.epoch,
        tag: held.tag,
        character: EntityId(0),
        last_seq: Seq(0),
        conflict: false,
        resume: Blob::default(),
        resync: ResyncKind::SnapshotFresh,
        tick_ms: 50,
        addresses: Vec::new(),
    });
    let token = Some(TokenStamp { tick: held.tick, center: held.center });
    copy.receive(Frame { token, ..frame }).expect("a snapshot builds on nothing");
    copy
}
