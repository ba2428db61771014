//! Reads a trace, record by record, and never more than one at a time.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use holdfast_protocol::decode;

use super::views::Views;
use super::{MAGIC, RECORD_BYTES_MAX, Record, TraceError, VERSION};
use crate::history::event::Event;

/// Hands out a trace's records, with every view whole.
#[derive(Debug)]
pub struct Reader<R> {
    source: R,
    world: String,
    views: Views,
    record_count: usize,
    is_torn: bool,
}

impl Reader<BufReader<File>> {
    /// A file.
    ///
    /// # Errors
    /// Where it cannot be read, or is no trace of this version.
    pub fn open(path: &Path) -> Result<Self, TraceError> {
        Self::new(BufReader::new(File::open(path)?))
    }
}

impl<R: Read> Reader<R> {
    /// Whatever can be read.
    ///
    /// # Errors
    /// Where it cannot, or is no trace of this version.
    pub fn new(mut source: R) -> Result<Self, TraceError> {
        let mut head = Vec::with_capacity(MAGIC.len() + 2);
        source.by_ref().take(MAGIC.len() as u64 + 2).read_to_end(&mut head)?;
        match head.strip_prefix(&MAGIC) {
            Some(version) if *version == VERSION.to_le_bytes() => {}
            Some(&[low, high]) => return Err(TraceError::OtherVersion(u16::from_le_bytes([low, high]))),
            _ => return Err(TraceError::Foreign),
        }
        let mut reader =
            Self { source, world: String::new(), views: Views::default(), record_count: 0, is_torn: false };
        match reader.read()? {
            Some(Record::World(world)) => reader.world = world.into_owned(),
            _ => return Err(TraceError::Foreign),
        }
        Ok(reader)
    }

    /// In which world the run was.
    #[must_use]
    pub fn world(&self) -> &str {
        &self.world
    }

    /// Whether a record was found of which the rest is missing. Nothing is read behind it.
    #[must_use]
    pub fn is_torn(&self) -> bool {
        self.is_torn
    }

    /// The next record as it stands there; none at the end, and where the rest of it is missing.
    fn read(&mut self) -> Result<Option<Record<'static>>, TraceError> {
        if self.is_torn {
            return Ok(None);
        }
        let mut length = Vec::with_capacity(4);
        self.source.by_ref().take(4).read_to_end(&mut length)?;
        let Ok(length) = <[u8; 4]>::try_from(length.as_slice()).map(u32::from_le_bytes) else {
            self.is_torn = !length.is_empty();
            return Ok(None);
        };
        self.record_count += 1;
        let damaged = TraceError::Damaged(self.record_count);
        if usize::try_from(length).map_or(true, |length| length > RECORD_BYTES_MAX) {
            return Err(damaged);
        }
        let mut bytes = Vec::new();
        self.source.by_ref().take(length.into()).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != u64::from(length) {
            self.is_torn = true;
            return Ok(None);
        }
        decode(&bytes).map(Some).map_err(|_| damaged)
    }

    fn read_whole(&mut self) -> Result<Option<Record<'static>>, TraceError> {
        loop {
            match self.read()? {
                Some(Record::View(center, change)) => {
                    let applied = self.views.apply(center, change);
                    applied.ok_or(TraceError::Damaged(self.record_count))?;
                }
                Some(Record::Happened(when, Event::Adopted { character, adopted })) => {
                    let mut adopted = adopted.into_owned();
                    adopted.view = self.views.get(adopted.center);
                    let event = Event::Adopted { character, adopted: Cow::Owned(adopted) };
                    return Ok(Some(Record::Happened(when, event)));
                }
                other => return Ok(other),
            }
        }
    }
}

/// After an error nothing that follows is worth anything.
impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Record<'static>, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read_whole().transpose()
    }
}
