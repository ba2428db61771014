//! The whole core under every fault, in one thread: a seed is a run.
pub mod model_store;
pub mod process;
pub use model_store::ModelStore;
