//! The interval log: every histogram of every interval, as lines that other tools read and merge.
//!
//! The format is that of HdrHistogram's interval logs, version 1.3. A file holds one day at most and is not larger than
//! [`FILE_BYTES_MAX`]; the oldest go when there are more than [`FILES_MAX`]. What cannot be written is said to whoever
//! asked, and lost: no server stops for that.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::timing::Interval;

/// How large a file grows, in bytes.
pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// How many files are kept: with one a day, a week.
pub const FILES_MAX: usize = 7;

/// What the files are called, before the second at which each begins.
const PREFIX: &str = "histograms-";
const SUFFIX: &str = ".hlog";

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// One histogram of one interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which histogram.
    pub tag: &'static str,
    /// What was recorded.
    pub interval: Interval,
}

/// An interval log in a folder of its own.
#[derive(Debug)]
pub struct IntervalLog {
    folder: PathBuf,
    open: Option<Open>,
}

/// The file that is written now.
#[derive(Debug)]
struct Open {
    file: File,
    bytes: u64,
    since_ms: u64,
}

impl IntervalLog {
    /// A log in this folder, which is made where it is missing.
    ///
    /// # Errors
    /// Where it can be neither found nor made.
    pub fn new(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_owned(), open: None })
    }

    /// Writes down an interval's histograms.
    ///
    /// # Errors
    /// Where the file system does not take them; the next ones go to a new file.
    pub fn write(&mut self, lines: &[Line]) -> io::Result<()> {
        let Some(first) = lines.first() else { return Ok(()) };
        let text = lines.iter().fold(String::new(), |mut text, line| {
            let Line { tag, interval: Interval { from_ms, to_ms, v2, max } } = line;
            let lasted = to_ms.saturating_sub(*from_ms);
            let _ = writeln!(
                text,
                "Tag={tag},{},{},{},{v2}",
                seconds(*from_ms),
                seconds(lasted),
                seconds(max / 1_000)
            );
            text
        });
        let written = self.append(first.interval.from_ms, &text);
        if written.is_err() {
            self.open = None;
        }
        written
    }

    fn append(&mut self, now_ms: u64, text: &str) -> io::Result<()> {
        let is_full = |open: &Open| open.bytes >= FILE_BYTES_MAX || now_ms / DAY_MS != open.since_ms / DAY_MS;
        if self.open.as_ref().is_none_or(is_full) {
            self.open = Some(self.begin(now_ms)?);
            self.forget_old()?;
        }
        if let Some(open) = &mut self.open {
            open.file.write_all(text.as_bytes())?;
            open.bytes += u64::try_from(text.len()).unwrap_or(u64::MAX);
        }
        Ok(())
    }

    fn begin(&self, now_ms: u64) -> io::Result<Open> {
        // Thirteen digits until the year 2286: the names' order is the files'.
        let path = self.folder.join(format!("{PREFIX}{now_ms:013}{SUFFIX}"));
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        writeln!(file, "#[Histogram log format version 1.3]")?;
        writeln!(file, "#[StartTime: {} (seconds since epoch)]", seconds(now_ms))?;
        writeln!(
            file,
            "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\""
        )?;
        Ok(Open { bytes: 0, file, since_ms: now_ms })
    }

    fn forget_old(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with(PREFIX) && name.ends_with(SUFFIX) {
                files.push(path);
            }
        }
        files.sort_unstable();
        let surplus = files.len().saturating_sub(FILES_MAX);
        files.iter().take(surplus).try_for_each(fs::remove_file)
    }
}

/// Milliseconds as seconds, with three places.
fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hdrhistogram::Histogram;
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    use super::*;
    use crate::instruments::{Instruments, from_v2};

    fn files(folder: &Path) -> Vec<PathBuf> {
        let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort_unstable();
        files
    }

    fn histograms(file: &Path, tag: &str) -> Vec<Histogram<u64>> {
        let text = fs::read(file).unwrap();
        let entries = IntervalLogIterator::new(&text).map(Result::unwrap);
        let tagged = entries.filter_map(|entry| match entry {
            LogEntry::Interval(entry) if entry.tag().is_some_and(|found| found.as_str() == tag) => {
                Some(entry.encoded_histogram().to_owned())
            }
            _ => None,
        });
        tagged.map(|v2| from_v2(&v2).unwrap()).collect()
    }

    #[test]
    fn logs_of_several_processes_merged_are_all_samples() {
        let folder = tempfile::tempdir().unwrap();
        let mut all = Histogram::<u64>::new_with_bounds(1, 60_000_000, 3).unwrap();
        let mut merged = all.clone();
        for process in 1..=3_u64 {
            let instruments = Instruments::new();
            let own = folder.path().join(process.to_string());
            let mut log = IntervalLog::new(&own).unwrap();
            for interval in 0..5_u64 {
                for number in 1..=200 {
                    let us = number * number * process + interval;
                    instruments.histograms.tick.record(Duration::from_micros(us));
                    all.saturating_record(us);
                }
                log.write(&instruments.close_interval(interval * 5_000, (interval + 1) * 5_000)).unwrap();
            }
            for histogram in histograms(&files(&own)[0], "tick") {
                merged.add(histogram).unwrap();
            }
        }
        assert_eq!(merged, all);
    }

    #[test]
    fn a_day_has_a_file_of_its_own_and_the_oldest_go() {
        let folder = tempfile::tempdir().unwrap();
        let instruments = Instruments::new();
        let mut log = IntervalLog::new(folder.path()).unwrap();
        for day in 1..=10 {
            for second in [0, 5] {
                instruments.histograms.flush.record(Duration::from_millis(day));
                let from = day * DAY_MS + second * 1_000;
                log.write(&instruments.close_interval(from, from + 5_000)).unwrap();
            }
        }
        let files = files(folder.path());
        assert_eq!(files.len(), FILES_MAX);
        assert_eq!(histograms(&files[0], "flush").len(), 2);
        assert_eq!(histograms(&files[0], "flush")[0].max(), 4_001);
    }
}
