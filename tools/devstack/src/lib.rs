//! Everything that a world's server stands on, each as a child that dies with its parent: a PostgreSQL of its own,
//! access tokens by a key of its own, the server itself, and a proxy that makes flushes slow or loses them.
//!
//! Commands and tests stand on this; the server knows nothing of it. Read the modules in this order:
//!
//! 1. [`spawner`]: the one thread that starts children, so that no child outlives this process, not even where it is
//!    killed.
//! 2. [`folder`]: the temporary folder that everything lives in, and the sweep of those whose owners are dead.
//! 3. [`postgres`]: a PostgreSQL: found or installed, started, killed, started again.

mod background;
pub mod folder;
pub mod issuer;
pub mod postgres;
pub mod process;
pub mod spawner;

pub use folder::Folder;
pub use issuer::Issuer;
pub use postgres::{Postgres, PostgresOptions};
