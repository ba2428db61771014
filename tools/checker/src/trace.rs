//! A history in a file: everything that was written down, and what it was checked against, to be checked again.
//!
//! A file is [`MAGIC`], the [`VERSION`] (two bytes, the lower first), and records: the length of each (four bytes, the
//! lowest first), then the record as postcard writes it. The first names the world. A run that is killed leaves a file
//! that ends in the midst of a record, or before the last one ([`Record::End`]); it can be read up to there.
//!
//! Copies are large and change little, so a view is written as the change from the view that was last written of the
//! same centre, whoever had it ([`Record::View`]); who adopts a token whose view stands there already writes none.

mod reader;
mod replay;
#[cfg(test)]
pub(crate) mod tests;
mod views;
mod writer;

use std::borrow::Cow;
use std::io;
use std::time::Duration;

use holdfast_protocol::ChunkId;
use serde::{Deserialize, Serialize};

use crate::commits::Commit;
use crate::history::action::Stamp;
use crate::history::event::Event;
use crate::state::{Beginning, FinalState, Samples};

pub use reader::Reader;
pub use replay::Replay;
pub use views::ViewChange;
pub use writer::Writer;

/// How a file of this kind begins.
pub const MAGIC: [u8; 16] = *b"holdfast-history";

/// Which form of records follows. It goes up with every change of [`Record`] or of anything that a record holds.
pub const VERSION: u16 = 2;

/// How long a record may be, in bytes: some hundred times the longest of a ledger, what is stored in the end.
pub const RECORD_BYTES_MAX: usize = 16 * 1024 * 1024;

/// One record of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record<'a> {
    /// In which world the run was: the first record.
    World(Cow<'a, str>),
    /// An event, and how far count and clock were before it.
    Happened(Stamp, Event<'a>),
    /// What is seen around this centre from here on. A [`Reader`] takes it in and does not hand it out.
    View(ChunkId, ViewChange),
    /// What was there before the clients came.
    Beginning(Cow<'a, Beginning>),
    /// Looks at the tables on the way.
    Samples(Cow<'a, Samples>),
    /// Commits are known, and follow; this says whether those that changed nothing are among them.
    Commits {
        /// As [`Commits::with_beats`](crate::Commits::with_beats).
        with_beats: bool,
    },
    /// The next of them.
    Commit(Commit),
    /// What is stored in the end: the last record.
    End {
        /// All of it.
        state: Cow<'a, FinalState>,
        /// As [`Evidence::fresh_within`](crate::Evidence::fresh_within).
        fresh_within: Option<Duration>,
    },
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The file itself cannot be.
    #[error("the file cannot be read")]
    Io(#[from] io::Error),
    /// It is something else.
    #[error("this is no saved history")]
    Foreign,
    /// It is of another build.
    #[error("the history is saved in form {0}, and this build reads form {VERSION}")]
    OtherVersion(u16),
    /// Its bytes are not what was written.
    #[error("record {0} of the history is damaged")]
    Damaged(usize),
}
