//! Each code of PostgreSQL's that a flush may be told, caused in a real one and met through the real store: it is of
//! the right class, it names the right place, and what follows loses nothing and writes nothing twice.
//!
//! What can be caused by what really happens is: locks, deadlocks, cancels, ended backends, a full disk, rows that break
//! a constraint. What cannot (a serialization failure, a disk's error, corruption) is raised by a trigger on the world's
//! row: the store hears the same code in the same frame, and no more than that is claimed.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "store_sqlstates/connections.rs"]
mod connections;
#[path = "store_sqlstates/disk.rs"]
mod disk;
#[path = "store_sqlstates/raised.rs"]
mod raised;
#[path = "store_sqlstates/rows.rs"]
mod rows;
#[path = "store_sqlstates/setup.rs"]
mod setup;
#[path = "store_equality/tables.rs"]
mod tables;
#[path = "store_sqlstates/waits.rs"]
mod waits;
