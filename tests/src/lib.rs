//! The harness on which the behaviours in `tests/` are shown: a database per test, a server per test.
//!
//! One PostgreSQL serves all tests of a process; tests that kill theirs start a `holdfast_devstack::Stack`.

pub mod database;
pub mod door;
pub mod dump;
pub mod event_log;
pub mod fake_store;
pub mod faulty;
pub mod flush;
pub mod ledger_bots;
pub mod server;
pub mod sign_in;
pub mod sim;
pub mod small_disk;

pub use database::TestDatabase;
pub use door::{Door, Resident};
pub use dump::Dump;
pub use event_log::EventLog;
pub use fake_store::FakeStore;
pub use ledger_bots::LedgerBots;
pub use server::TestServer;
pub use sign_in::{sign_in, sign_in_over};
pub use sim::{Player, Sim};
pub use small_disk::SmallDisk;
