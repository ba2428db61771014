//! Everything that a world's server stands on, each as a child that dies with its parent: a PostgreSQL of its own,
//! access tokens by a key of its own, the server itself, and what makes faults between them.
//!
//! Commands and tests stand on this; the server knows nothing of it. Read the modules in this order:
//!
//! 1. [`spawner`]: the one thread that starts children, so that no child outlives this process, not even where it is
//!    killed. [`process`]: signals to them and to theirs.
//! 2. [`folder`]: the temporary folder that everything lives in, and the sweep of those whose owners are dead.
//!    [`data_folder`]: one that is kept.
//! 3. [`postgres`]: a PostgreSQL: found or installed, started, killed, started again.
//! 4. [`issuer`]: the development sign-in, and tokens in its name, good and bad.
//! 5. [`server`]: a world's server.
//! 6. [`proxy`]: faults between the server and its database. [`link`]: faults between it and its players.
//! 7. [`stack`]: all of it in one call. The program `devstack` is that for whoever is not written in Rust.
//! 8. [`lan`]: the way in for a friend's phone.
//! 9. [`play`]: all of it for people, at addresses that stay, with a world that is kept.

mod background;
pub mod data_folder;
mod durable;
pub mod folder;
pub mod issuer;
pub mod lan;
pub mod link;
pub mod play;
pub mod postgres;
pub mod process;
pub mod proxy;
pub mod server;
pub mod spawner;
pub mod stack;

pub use data_folder::DataFolder;
pub use folder::Folder;
pub use issuer::Issuer;
pub use lan::{LanFront, LanOptions};
pub use link::{Harm, Link};
pub use postgres::{Postgres, PostgresOptions};
pub use proxy::{CommitCut, FlushPlan, Hold, Proxy, Window};
pub use server::{Role, Server, ServerOptions, migrate};
pub use stack::{Stack, StackOptions};
