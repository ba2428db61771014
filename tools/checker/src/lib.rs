//! The checker: from what clients did and saw, and what is stored in the end, whether every promise was kept.
//!
//! It believes no server and no log: clients' histories and the final tables are all that it needs. What only somebody
//! who stands beside the store can know (commits in their order, looks at the tables on the way) it takes where it is
//! offered; what was not offered is *not looked at*, and never said to hold.
//!
//! Read the modules in this order:
//!
//! 1. [`history`]: what clients did and saw. Some invariants are checked while it is written down.
//! 2. [`state`]: what was there before, and what is stored in the end; [`commits`]: what was committed, in order.
//! 3. [`mod@check`]: the invariants I1 to I10 and I12, and the [`Findings`].
//! 4. [`recorder`]: a history that many clients write, each by an observer.
//! 5. [`trace`]: a history in a file, to be checked again; [`elle`]: the same for another checker.
//!
//! # Cost
//!
//! Linear in what happened. Each token that a client adopts costs one reading of what its view shows (in the ledger at
//! most 1,024 entries), each action a few look-ups in ordered maps. Of tapes, lengths and digests are kept and no
//! copies; of tokens the last one for each client, and the first and last arrival of each tick. What is kept of actions
//! are the appends, of which a ledger holds 65,536, and those that have no end; everything else is added up.

pub mod check;
pub mod commits;
pub mod elle;
pub mod finding;
pub mod history;
pub mod recorder;
pub mod state;
pub mod trace;

pub use check::{Evidence, Findings, check};
pub use commits::{Commit, Commits};
pub use finding::Finding;
pub use history::History;
pub use history::action::{End, Meaning, Stamp};
pub use history::view::{Adopted, View};
pub use recorder::Recorder;
pub use state::{Beginning, FinalState, Samples};
