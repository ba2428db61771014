//! What this machine has that a world needs: PostgreSQL's programs, ports, folders that others may pass, networks; and
//! how a missing package is installed.
//!
//! Both the commands, which look before anything large is compiled, and devstack, which then uses what is there, stand
//! on this. So it depends on next to nothing, and it decides nothing: it says what is there, and in one sentence what
//! is not.

pub mod debian;
pub mod network;
pub mod passage;
pub mod port;
pub mod postgres;
pub mod user;
