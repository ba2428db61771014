//! An interval log as other tools read it: the page's tests read this very file with HdrHistogram's own reader.

use std::fs;
use std::path::Path;
use std::time::Duration;

use holdfast_metrics::{Instruments, IntervalLog};

/// The file. `HOLDFAST_BLESS=1` writes it anew, where another form is meant.
const GOLDEN: &str = "../../web-client/staff/test/histograms.hlog";

/// A minute after the year 2026 began, in milliseconds since 1970.
const BEGAN_MS: u64 = 1_767_225_660_000;

#[test]
fn an_interval_log_is_as_it_was() -> std::io::Result<()> {
    let folder = tempfile::tempdir()?;
    let instruments = Instruments::new();
    let mut log = IntervalLog::new(folder.path())?;
    for interval in 0..2 {
        for number in 1..=100 {
            let part = Duration::from_micros(number * 100 * (interval + 1));
            instruments.record_action([part; 5], part * 5);
        }
        let from = BEGAN_MS + interval * 5_000;
        log.write(&instruments.close_interval(from, from + 5_000))?;
    }
    let file = fs::read_dir(folder.path())?.next().transpose()?.map(|entry| entry.path());
    let written = fs::read_to_string(file.unwrap_or_default())?;
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    if std::env::var_os("HOLDFAST_BLESS").is_some() {
        fs::write(&golden, &written)?;
    }
    assert_eq!(written, fs::read_to_string(golden)?);
    Ok(())
}
