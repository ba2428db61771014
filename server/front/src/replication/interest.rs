//! Which chunks a session sees.

use holdfast_protocol::ChunkId;

/// A game's rule of interest. It is part of the build: the same centre always means the same view, so that a sync
/// token can name its view by the centre alone.
pub trait Interest: Send + Sync {
    /// The chunks that a session whose view is centred on `center` sees, nearest first.
    fn view(&self, center: ChunkId) -> Vec<ChunkId>;
}
