//! A run that happens again, out of its trace.

use std::io::Read;
use std::time::Duration;

use super::{Reader, Record, TraceError};
use crate::check::{Evidence, Findings};
use crate::commits::Commits;
use crate::history::History;
use crate::state::{Beginning, FinalState, Samples};

/// A run, as far as its trace tells it.
#[derive(Debug, Default)]
pub struct Replay {
    /// In which world.
    pub world: String,
    /// What clients did and saw.
    pub history: History,
    /// How many events that were.
    pub event_count: usize,
    beginning: Beginning,
    samples: Option<Samples>,
    commits: Option<Commits>,
    /// What is stored in the end, and how fresh all must be; none where the run was cut off before.
    end: Option<(FinalState, Option<Duration>)>,
}

impl Replay {
    /// Reads a trace to its end, or to where it is cut off.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn read<R: Read>(reader: Reader<R>) -> Result<Self, TraceError> {
        let mut replay = Self { world: reader.world().to_owned(), ..Self::default() };
        for record in reader {
            replay.take(record?);
        }
        Ok(replay)
    }

    fn take(&mut self, record: Record<'_>) {
        match record {
            Record::Happened(when, event) => {
                self.history.happens_again(when, &event);
                self.event_count += 1;
            }
            Record::Beginning(beginning) => self.beginning = beginning.into_owned(),
            Record::Samples(samples) => self.samples = Some(samples.into_owned()),
            Record::Commits { with_beats } => {
                self.commits = Some(Commits { with_beats, ..Commits::default() });
            }
            Record::Commit(commit) => self.commits.get_or_insert_default().list.push(commit),
            Record::End { state, fresh_within } => self.end = Some((state.into_owned(), fresh_within)),
            // The reader has taken these in.
            Record::World(_) | Record::View(..) => {}
        }
    }

    /// What the checker finds. None where the run was cut off: then there is nothing to compare the history with.
    #[must_use]
    pub fn findings(&self) -> Option<Findings> {
        let (end, fresh_within) = self.end.as_ref()?;
        let evidence = Evidence {
            commits: self.commits.as_ref(),
            samples: self.samples.as_ref(),
            fresh_within: *fresh_within,
            ..Evidence::new(&self.history, &self.beginning, end)
        };
        Some(evidence.check())
    }
}
