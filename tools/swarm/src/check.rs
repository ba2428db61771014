//! `swarm check`: a history that was saved, checked once more. Nothing runs, and no database is asked.

use std::fmt;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context as _, Result};
use clap::ValueEnum as _;
use holdfast_checker::Findings;
use holdfast_checker::elle::Operations;
use holdfast_checker::trace::{Reader, Replay};

use crate::world::World;

/// What a saved history comes to.
#[derive(Clone, Debug)]
pub struct CheckReport {
    /// In which world the run was.
    pub world: World,
    /// How many events were read.
    pub event_count: usize,
    /// What the checker finds; none where the run was cut off, since nothing says then what is stored in the end.
    pub findings: Option<Findings>,
}

impl CheckReport {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// Where it cannot be read, or is no history that this build can read.
    pub fn of(file: &Path) -> Result<Self> {
        let replay = Reader::open(file).and_then(Replay::read).with_context(|| of_file("read", file))?;
        let world = World::value_variants().iter().find(|world| world.game() == replay.world);
        Ok(Self {
            world: *world.with_context(|| format!("nothing is known of the world {:?}", replay.world))?,
            event_count: replay.event_count,
            findings: replay.findings(),
        })
    }

    /// One sentence for each promise that was not kept.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        self.findings.as_ref().map_or_else(
            || vec!["The run was cut off: nothing says what is stored in the end.".to_owned()],
            |findings| findings.failures(self.world == World::Ledger),
        )
    }

    /// Whether every promise was kept.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.failures().is_empty()
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { world, event_count, findings } = self;
        writeln!(f, "{}: {event_count} events", world.game())?;
        if let Some(findings) = findings {
            write!(f, "{findings}")?;
        }
        let verdict = if self.holds() { "every promise was kept" } else { "NOT every promise was kept" };
        writeln!(f, "  verdict: {}", if findings.is_some() { verdict } else { "none" })
    }
}

/// Writes what Elle can look at in the history `file` to `edn`. Returns how many lines that are.
///
/// # Errors
/// Where the one cannot be read or the other not be written.
pub fn export(file: &Path, edn: &Path) -> Result<usize> {
    let operations = Reader::open(file).and_then(Operations::read).with_context(|| of_file("read", file))?;
    let out = File::create(edn).with_context(|| of_file("write", edn))?;
    operations.write(&mut BufWriter::new(out)).with_context(|| of_file("write", edn))
}

fn of_file(deed: &str, file: &Path) -> String {
    format!("{deed} {}", file.display())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use holdfast_checker::trace::Writer;
    use holdfast_checker::{Beginning, End, Evidence, FinalState, History, Meaning};
    use holdfast_protocol::{ActionName, EntityId, Nonce, Seq};
    use tempfile::TempDir;

    use super::*;

    const TAPE: EntityId = EntityId(2);

    /// One entry was appended, in the village's name since there nothing else has to be seen.
    fn saved(folder: &TempDir, stored: &[u64]) -> std::path::PathBuf {
        let file = folder.path().join("history");
        let mut history = History::default();
        history.save_to(Writer::create(&file, World::Village.game()).unwrap());
        let (character, name) = (EntityId(1), ActionName { seq: Seq(1), nonce: Nonce(7) });
        let invoked = history.stamp();
        history.invoke(character, name, Meaning::Append { tape: TAPE, entry: 11 }, invoked);
        history.end(character, name, End::Accepted);
        let end = FinalState { tapes: [(TAPE, stored.to_vec())].into(), ..FinalState::default() };
        let trace = history.end_trace().unwrap();
        trace.close(&Evidence::new(&history, &Beginning::default(), &end)).unwrap();
        file
    }

    #[test]
    fn a_saved_history_is_checked_again() {
        let folder = TempDir::new().unwrap();
        assert!(CheckReport::of(&saved(&folder, &[11])).unwrap().holds());
        let report = CheckReport::of(&saved(&folder, &[])).unwrap();
        assert_eq!(report.findings.as_ref().map(|findings| findings.lost), Some(1));
        assert!(report.failures()[0].starts_with("I1"), "{:?}", report.failures());
        assert!(report.to_string().contains("NOT every promise"), "{report}");
    }

    #[test]
    fn a_run_that_was_cut_off_has_no_verdict() {
        let folder = TempDir::new().unwrap();
        let file = saved(&folder, &[11]);
        let bytes = fs::read(&file).unwrap();
        fs::write(&file, &bytes[..bytes.len() - 1]).unwrap();
        let report = CheckReport::of(&file).unwrap();
        assert_eq!((report.event_count, report.holds()), (2, false));
        assert!(report.to_string().contains("verdict: none"), "{report}");
    }

    #[test]
    fn what_is_no_history_is_refused_in_clear_words() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("notes.txt");
        let refused = || format!("{:#}", CheckReport::of(&file).unwrap_err());
        assert!(refused().contains("notes.txt: the file cannot be read"), "{}", refused());
        fs::write(&file, "Some notes.").unwrap();
        assert!(refused().ends_with("notes.txt: this is no saved history"), "{}", refused());
    }

    #[test]
    fn appends_and_reads_are_exported() {
        let folder = TempDir::new().unwrap();
        let edn = folder.path().join("history.edn");
        assert_eq!(export(&saved(&folder, &[11]), &edn).unwrap(), 4);
        let text = fs::read_to_string(edn).unwrap();
        assert!(text.ends_with("{:index 3 :type :ok :process 1 :f :txn :value [[:r 2 [11]]]}\n"), "{text}");
    }
}
