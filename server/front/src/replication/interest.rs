//! Which chunks a session sees.

use holdfast_protocol::ChunkId;

/// A game's rule of interest. It is part of the build: the same centre always means the same view, so that a sync
/// token can name its view by the centre alone.
pub trait Interest: Send + Sync {
    /// The chunks that a session whose view is centred on `center` sees, nearest first, each once.
    ///
    /// A returning client's token names its centre, so this is asked about numbers that no game ever gave: a chunk
    /// that does not exist has some view too (an empty one will do), and never more chunks than any other.
    fn view(&self, center: ChunkId) -> Vec<ChunkId>;
}
