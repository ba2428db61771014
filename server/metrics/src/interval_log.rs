//! The interval log: every histogram of every interval, as lines that other tools read and merge.
//!
//! The format is that of HdrHistogram's interval logs, version 1.3. A day has a file, and a further one where that grows
//! beyond [`FILE_BYTES_MAX`]; the oldest go when there are more than [`FILES_MAX`]. What cannot be written is said to whoever
//! asked, and lost: no server stops for that.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::timing::Interval;

/// How large a file grows, in bytes.
pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// How many files are kept: with one a day, a week.
pub const FILES_MAX: usize = 7;

/// What the files are called, before their day and part.
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
    day: u64,
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
    /// Where the file system does not take them: they are lost, and the next ones are tried.
    pub fn write(&mut self, lines: &[Line]) -> io::Result<()> {
        let Some(first) = lines.first() else { return Ok(()) };
        let text = lines.iter().fold(String::new(), |mut text, line| {
            let Line { tag, interval: Interval { from_ms, to_ms, v2, max } } = line;
            let lasted = to_ms.saturating_sub(*from_ms);
            // The format wants the greatest value in milliseconds; of rows and bytes it is a thousandth as well.
            let _ =
                writeln!(text, "Tag={tag},{},{},{},{v2}", seconds(*from_ms), seconds(lasted), seconds(*max));
            text
        });
        let written = self.append(first.interval.from_ms, &text);
        if written.is_err() {
            self.open = None;
        }
        written
    }

    fn append(&mut self, now_ms: u64, text: &str) -> io::Result<()> {
        let day = now_ms / DAY_MS;
        let is_done = |open: &Open| open.bytes >= FILE_BYTES_MAX || open.day != day;
        let open = match self.open.take().filter(|open| !is_done(open)) {
            Some(open) => self.open.insert(open),
            None => self.open.insert(begin(&self.folder, day)?),
        };
        open.file.write_all(text.as_bytes())?;
        open.bytes += u64::try_from(text.len()).unwrap_or(u64::MAX);
        Ok(())
    }
}

/// The day's file, or its next part where that is full. Another process of the same day, or this one after a trouble, goes
/// on with it, unless it ends within a line.
fn begin(folder: &Path, day: u64) -> io::Result<Open> {
    for part in 0.. {
        // Five digits until the year 2243: the names' order is the files'.
        let path = folder.join(format!("{PREFIX}{day:05}-{part:03}{SUFFIX}"));
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
        let bytes = file.metadata()?.len();
        if bytes >= FILE_BYTES_MAX || !ends_whole(&mut file, bytes)? {
            continue;
        }
        if bytes == 0 {
            let began = seconds(day * DAY_MS);
            write!(
                file,
                "#[Histogram log format version 1.3]\n#[StartTime: {began} (seconds since epoch)]\n\
                 \"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n"
            )?;
            // What cannot be removed now is removed with the next file.
            let _ = forget_old(folder);
        }
        return Ok(Open { file, bytes, day });
    }
    unreachable!("there is always a next part")
}

/// Whether whoever wrote last did not end within a line.
fn ends_whole(file: &mut File, bytes: u64) -> io::Result<bool> {
    let Some(before_last) = bytes.checked_sub(1) else { return Ok(true) };
    let mut last = [0];
    file.seek(SeekFrom::Start(before_last))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

fn forget_old(folder: &Path) -> io::Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
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
    use crate::instruments::Instruments;
    use crate::timing::from_v2;

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

    #[test]
    fn a_process_that_is_started_again_goes_on_with_the_days_file() {
        let folder = tempfile::tempdir().unwrap();
        for second in 0..3 {
            let instruments = Instruments::new();
            let mut log = IntervalLog::new(folder.path()).unwrap();
            instruments.histograms.flush.record(Duration::from_millis(5));
            log.write(&instruments.close_interval(second * 1_000, (second + 1) * 1_000)).unwrap();
        }
        let files = files(folder.path());
        assert_eq!((files.len(), histograms(&files[0], "flush").len()), (1, 3));
        // One that was killed within a line spoils nothing that comes after it.
        fs::write(&files[0], "#[Histogram log format version 1.3]\nTag=flu").unwrap();
        let instruments = Instruments::new();
        instruments.histograms.flush.record(Duration::from_millis(5));
        let mut log = IntervalLog::new(folder.path()).unwrap();
        log.write(&instruments.close_interval(4_000, 5_000)).unwrap();
        assert_eq!(histograms(&self::files(folder.path())[1], "flush").len(), 1);
    }

    #[test]
    fn what_cannot_be_written_costs_no_file_of_another_day() {
        let folder = tempfile::tempdir().unwrap();
        let instruments = Instruments::new();
        let mut log = IntervalLog::new(folder.path()).unwrap();
        let mut write = |from: u64| {
            instruments.histograms.flush.record(Duration::from_millis(5));
            log.write(&instruments.close_interval(from, from + 5_000))
        };
        write(0).unwrap();
        // A folder stands where the next day's file is to be.
        fs::create_dir(folder.path().join(format!("{PREFIX}00001-000{SUFFIX}"))).unwrap();
        (0..20).for_each(|number| assert!(write(DAY_MS + number * 5_000).is_err()));
        assert_eq!(histograms(&files(folder.path())[0], "flush").len(), 1);
    }
}
