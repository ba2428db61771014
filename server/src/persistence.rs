//! From what a tick changed to rows that PostgreSQL has committed, and back into a world.
//!
//! - [`cell_value`]: how the values that components are made of stand in cells.
//! - [`durable`]: how a game's component is a row of a typed table.
//! - [`rows`]: the rows of one tick, of several, and the batch that is flushed.
//! - [`store`]: what the writer asks of a store, and what it may hear. PostgreSQL is one; a test has another.
//! - [`writer`]: the only one who commits: one batch in flight, retries, and what to do when nobody knows whether it
//!   was committed.
//! - [`loaded`]: what a world, or a character, is made of when it comes back from the store.

pub mod cell_value;
pub mod durable;
pub mod loaded;
pub mod migrate;
pub mod rows;
pub mod store;
