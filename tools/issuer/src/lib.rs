//! Sign-in for development: an OpenID provider that asks nobody for a password. Whoever reaches it can be anybody, so
//! it listens on the loopback alone, and nothing that ships depends on it; a world's server knows it only as the
//! issuer whose name it was given.
//!
//! Read the modules in the order in which somebody signs in:
//!
//! 1. [`config`]: what it is told, and what of that it refuses.
//! 2. [`server`]: the listener and the handle on it. `routes` and `guard` carry requests in and answers out.
//! 3. `provider`: the state machine that decides. Time and randomness come in as parameters; all state is in memory,
//!    on shelves with room for so many (`shelf`).
//! 4. [`key`]: the keys that sign, and how long each stays published. `token`: what is signed.
//! 5. `page`: what people see. [`people`]: who they can be.

mod guard;
mod page;
mod params;
mod provider;
mod routes;
mod shelf;
mod token;

pub mod config;
pub mod key;
pub mod people;
pub mod server;

pub use config::{Client, ConfigError, IssuerConfig};
pub use key::{KeyError, SigningKey};
pub use people::{Person, Role};
pub use server::{IssuerServer, StartError};
