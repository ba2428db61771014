//! Writes a trace, record by record.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use holdfast_protocol::encode;

use super::views::Views;
use super::{MAGIC, RECORD_BYTES_MAX, Record, VERSION};
use crate::check::Evidence;
use crate::history::action::Stamp;
use crate::history::event::Event;

/// How much is written at a time, in bytes: what a killed process loses of its trace.
const BUFFER_BYTES: usize = 64 * 1024;

/// Saves what is written down in a history. Where that fails once it stops, and [`Writer::close`] says so.
pub struct Writer {
    sink: Box<dyn Write + Send>,
    views: Views,
    failure: Option<io::Error>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Writer(..)")
    }
}

impl Writer {
    /// Into a new file; one that is there is overwritten.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn create(path: &Path, world: &str) -> io::Result<Self> {
        Self::new(BufWriter::with_capacity(BUFFER_BYTES, File::create(path)?), world)
    }

    /// To wherever.
    ///
    /// # Errors
    /// Where that cannot be written to.
    pub fn new(sink: impl Write + Send + 'static, world: &str) -> io::Result<Self> {
        let mut writer = Self { sink: Box::new(sink), views: Views::default(), failure: None };
        writer.sink.write_all(&MAGIC)?;
        writer.sink.write_all(&VERSION.to_le_bytes())?;
        writer.put(&Record::World(world.into()))?;
        Ok(writer)
    }

    /// An event, and how far count and clock were before it.
    pub(crate) fn happened(&mut self, when: Stamp, event: &Event<'_>) {
        if self.failure.is_none() {
            self.failure = self.put_event(when, event).err();
        }
    }

    fn put_event(&mut self, when: Stamp, event: &Event<'_>) -> io::Result<()> {
        if let Event::Adopted { adopted, .. } = event
            && let Some(change) = self.views.change(adopted.center, &adopted.view)
        {
            self.put(&Record::View(adopted.center, change))?;
        }
        self.put(&Record::Happened(when, event.clone()))
    }

    /// Writes what the history was checked against: nothing is to come any more.
    ///
    /// # Errors
    /// Where any of the trace could not be written.
    pub fn close(mut self, evidence: &Evidence<'_>) -> io::Result<()> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let Evidence { history: _, beginning, end, commits, samples, fresh_within } = *evidence;
        self.put(&Record::Beginning(Cow::Borrowed(beginning)))?;
        if let Some(samples) = samples {
            self.put(&Record::Samples(Cow::Borrowed(samples)))?;
        }
        if let Some(commits) = commits {
            self.put(&Record::Commits { with_beats: commits.with_beats })?;
            for commit in &commits.list {
                self.put(&Record::Commit(*commit))?;
            }
        }
        self.put(&Record::End { state: Cow::Borrowed(end), fresh_within })?;
        self.sink.flush()
    }

    fn put(&mut self, record: &Record<'_>) -> io::Result<()> {
        let bytes = encode(record);
        let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= RECORD_BYTES_MAX);
        let length = length.ok_or_else(|| io::Error::other("a record is too long for a trace"))?;
        self.sink.write_all(&length.to_le_bytes())?;
        self.sink.write_all(&bytes)
    }
}
