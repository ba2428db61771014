//! Many seeds, over several threads. Each run is in one thread, and no run knows of another.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;

use crate::plan::Plan;
use crate::point::Reach;
use crate::run::{Figures, Options, Stage};

/// Which seeds are run, and how.
#[derive(Clone, Copy, Debug)]
pub struct Campaign {
    /// The first seed.
    pub from: u64,
    /// How many.
    pub seeds: u64,
    /// In how many threads; at least one.
    pub threads: usize,
    /// How each is looked at.
    pub options: Options,
}

/// Says whether to go on; asked by all threads, between two runs.
pub type GoesOn<'a> = &'a (dyn Fn() -> bool + Sync);

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many runs there were.
    pub runs: u64,
    /// The failure with the lowest seed among those that were found, and what it was.
    pub failure: Option<(u64, String)>,
    /// Which points met whom.
    pub reach: Reach,
    /// Figures of all runs.
    pub figures: Figures,
}

/// How many runs a thread does between two words of progress.
const WORD_EVERY: u64 = 64;

impl Campaign {
    /// Runs the seeds on `stage`, until one fails, all are done, or `goes_on` says no. `progress` is told how many are
    /// done.
    ///
    /// # Panics
    /// Where a thread cannot be started.
    pub fn run(&self, stage: &Stage, goes_on: GoesOn<'_>, mut progress: impl FnMut(u64)) -> Report {
        let next = AtomicU64::new(0);
        let stop = AtomicBool::new(false);
        let (done, dones) = mpsc::channel();
        let mut whole = Report::default();
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..self.threads.max(1))
                .map(|_| {
                    let (next, stop, done) = (&next, &stop, done.clone());
                    scope.spawn(move || self.work(stage, next, stop, goes_on, &done))
                })
                .collect();
            drop(done);
            let mut count = 0;
            for more in dones {
                count += more;
                progress(count);
            }
            for worker in workers {
                match worker.join() {
                    Ok(report) => whole.add(report),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
        whole
    }

    fn work(
        &self,
        stage: &Stage,
        next: &AtomicU64,
        stop: &AtomicBool,
        goes_on: GoesOn<'_>,
        done: &mpsc::Sender<u64>,
    ) -> Report {
        let mut report = Report::default();
        while !stop.load(Ordering::Relaxed) && goes_on() {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= self.seeds {
                break;
            }
            let seed = self.from + number;
            let outcome = stage.run(&Plan::of_seed(seed), self.options);
            report.runs += 1;
            report.reach.add(&outcome.reach);
            report.figures.add(&outcome.figures);
            if let Some(failure) = outcome.failure {
                report.failure = Some((seed, failure));
                stop.store(true, Ordering::Relaxed);
            }
            if report.runs.is_multiple_of(WORD_EVERY) {
                // Nobody minds where the one who asked is gone.
                let _ = done.send(WORD_EVERY);
            }
        }
        report
    }
}

impl Report {
    fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.reach.add(&other.reach);
        self.figures.add(&other.figures);
        self.failure = match (self.failure.take(), other.failure) {
            (Some(mine), Some(theirs)) => Some(if mine.0 <= theirs.0 { mine } else { theirs }),
            (mine, theirs) => mine.or(theirs),
        };
    }
}
