//! What the connections of a proxy share: what is to be done with what passes, and word of what was done.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::fate::{CommitCut, Fate, FlushPlan, Hold};

#[derive(Debug)]
pub(super) struct Control {
    plan: Mutex<FlushPlan>,
    flushes: AtomicU64,
    /// How many holds ended by themselves.
    expired: AtomicU64,
    /// The hold that began last.
    window: watch::Sender<Option<Hold>>,
    /// Changes when all that is held is to go on.
    releases: watch::Sender<u64>,
    /// How far the cut of one flush has come; none where none is wanted, or it has struck.
    commit_cut: watch::Sender<Option<Progress>>,
    /// Changes when all connections are to be cut.
    pub(super) cuts: watch::Sender<u64>,
    /// Whether nothing passes, in either direction.
    pub(super) blackhole: watch::Sender<bool>,
    /// How much later each reply comes.
    pub(super) latency: watch::Sender<Duration>,
}

/// How far a cut has come.
#[derive(Clone, Copy, Debug)]
enum Progress {
    /// The next flush suffers it.
    Armed(CommitCut),
    /// A flush is on its way that will suffer it.
    Underway,
}

impl Control {
    /// Everything passes.
    pub(super) fn new() -> Self {
        Self {
            plan: Mutex::new(FlushPlan::Pass),
            flushes: AtomicU64::new(0),
            expired: AtomicU64::new(0),
            window: watch::Sender::new(None),
            releases: watch::Sender::new(0),
            commit_cut: watch::Sender::new(None),
            cuts: watch::Sender::new(0),
            blackhole: watch::Sender::new(false),
            latency: watch::Sender::new(Duration::ZERO),
        }
    }

    pub(super) fn set_plan(&self, plan: FlushPlan) {
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner) = plan;
    }

    fn plan(&self) -> FlushPlan {
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn release(&self) {
        self.set_plan(FlushPlan::Pass);
        self.releases.send_modify(|releases| *releases += 1);
    }

    pub(super) fn flush_count(&self) -> u64 {
        self.flushes.load(Ordering::Relaxed)
    }

    /// What becomes of the flush that is just coming by. A cut goes before what is planned for all.
    pub(super) fn next_fate(&self) -> Option<Fate> {
        self.flushes.fetch_add(1, Ordering::Relaxed);
        let mut cut = None;
        self.commit_cut.send_if_modified(|progress| {
            if let Some(Progress::Armed(armed)) = *progress {
                cut = Some(armed);
                *progress = Some(Progress::Underway);
            }
            cut.is_some()
        });
        cut.map(Fate::Cut).or_else(|| self.plan().hold().map(Fate::Hold))
    }

    /// Waits as long as a hold lasts: for its duration, or until everything is released, which may have happened since
    /// the hold was decided on.
    pub(super) async fn wait_out(&self, hold: Hold) {
        let mut releases = self.releases.subscribe();
        if self.plan() == FlushPlan::Pass {
            return;
        }
        self.window.send_replace(Some(hold));
        // Either way it is over, and nothing of the flush has gone on yet.
        if tokio::time::timeout(hold.duration, releases.changed()).await.is_err() {
            self.expired.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn expired_count(&self) -> u64 {
        self.expired.load(Ordering::Relaxed)
    }

    /// Waits until a flush begins to be held, counting from when this is called.
    pub(super) async fn next_window(&self) -> Hold {
        let mut windows = self.window.subscribe();
        loop {
            // It cannot fail: the sender is ours.
            if windows.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
            if let Some(hold) = *windows.borrow_and_update() {
                return hold;
            }
        }
    }

    pub(super) fn cut_next(&self, cut: CommitCut) {
        self.commit_cut.send_replace(Some(Progress::Armed(cut)));
    }

    /// Takes note that a cut strikes now. Where another one has been armed since, that one is still to come.
    pub(super) fn commit_cut_strikes(&self) {
        self.commit_cut.send_if_modified(|progress| {
            let is_underway = matches!(progress, Some(Progress::Underway));
            if is_underway {
                *progress = None;
            }
            is_underway
        });
    }

    pub(super) async fn cut_done(&self) {
        // It cannot fail: the sender is ours.
        let _ = self.commit_cut.subscribe().wait_for(Option::is_none).await;
    }
}

#[cfg(test)]
mod tests {
    use super::super::fate::Window;
    use super::*;

    #[tokio::test]
    async fn only_a_hold_that_ends_by_itself_expires() {
        let control = Control::new();
        let hold = Hold { window: Window::BeforeForward, duration: Duration::from_millis(100) };
        control.set_plan(FlushPlan::Hold(hold));
        let dead = tokio::time::timeout(hold.duration / 2, control.wait_out(hold)).await;
        assert!(dead.is_err() && control.expired_count() == 0, "its connection ended before");
        tokio::join!(control.wait_out(hold), async {
            tokio::task::yield_now().await;
            control.release();
        });
        assert_eq!(control.expired_count(), 0, "it was released");
        control.set_plan(FlushPlan::Hold(hold));
        control.wait_out(hold).await;
        assert_eq!(control.expired_count(), 1);
    }
}
