//! The client's side of a Holdfast world, for anything that plays without a page: tests, bots, tools.
//!
//! The crate knows the protocol and no engine. Read the modules in this order:
//!
//! 1. [`copy`]: what a client holds of the world, kept current by frames.
//! 2. [`unanswered`]: the actions that have no answer yet.
//! 3. [`core`]: a client as a synchronous state machine over both; [`event`] is what it tells; [`glance`], how a bot reads
//!    whose copy nobody looks at.
//! 4. [`backoff`]: when a lost connection is tried again.
//! 5. [`addresses`]: where it is tried again.
//! 6. [`connection`]: one WebSocket, the only socket here.
//! 7. [`client`]: all of it as a client that plays and reconnects by itself.
//! 8. [`raw`]: a connection without manners, for tests of what a server refuses.

pub mod addresses;
pub mod backoff;
pub mod client;
pub mod connection;
pub mod copy;
pub mod core;
pub mod event;
pub mod glance;
pub mod raw;
pub mod unanswered;

pub use addresses::{Addresses, Turn};
pub use backoff::{Backoff, Retry};
pub use client::{ActionsOf, Client, ClientConfig, Observer, Settled, TokenSource};
pub use connection::{Connection, Incoming, SocketError};
pub use copy::{Divergence, WorldCopy};
pub use core::{ClientCore, Kept, Stage};
pub use event::{ClientEvent, Ending, LostCause, Welcomed};
pub use raw::{Heard, RawConnection};
pub use unanswered::{CannotAct, GivenUp, KeptActions, Unanswered};
