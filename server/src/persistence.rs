//! From what a tick changed to rows that PostgreSQL has committed, and back into a world.
//!
//! - [`cell_value`]: how the values that components are made of stand in cells.
//! - [`durable`]: how a game's component is a row of a typed table.
//! - [`history`]: what the journal tells of one entity. [`retention`]: how long it is kept.
//! - [`journal`]: what a tick was asked, in order. [`images`]: what the rows that it changed were before. [`chat`]: what
//!   was said, which stands in neither.
//! - [`rows`]: the rows of one tick, of several, and the batch that is flushed.
//! - [`store`]: what the writer asks of a store, and what it may hear. PostgreSQL is one; a test has another.
//! - [`writer`]: the only one who commits: one batch in flight, retries, and what to do when nobody knows whether it
//!   was committed.
//! - [`postgres`]: the store of a server. [`pg_encode`] writes its rows, [`error`] says what follows from its errors.
//! - [`loaded`]: what a world, or a character, is made of when it comes back from the store; [`loader`] reads it.
//! - [`characters`]: how characters are made, outside of any tick.
//! - [`registry`], [`schema`], [`migrate`]: the game's tables, whether the database has them, and how it comes to have
//!   them; [`flush_function`] is the text of the one statement that commits; [`rights`], who may do what.

pub mod cell_value;
pub mod characters;
pub mod chat;
pub mod durable;
mod error;
mod flush_function;
pub mod history;
pub mod images;
pub mod journal;
pub mod loaded;
pub mod loader;
pub mod migrate;
pub mod pg_encode;
pub mod postgres;
pub mod registry;
pub mod retention;
pub mod rights;
pub mod rows;
pub mod schema;
pub mod store;
pub mod writer;
