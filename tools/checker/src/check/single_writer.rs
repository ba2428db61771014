//! I9: a world has one writer, and each of its flushes follows the one before.

use crate::commits::{Commit, Commits};
use crate::finding::Finding;

/// Epochs never go back in the order of commits, no tick is written twice, and within an epoch nothing is left out.
pub(super) fn single_writer(commits: Option<&Commits>) -> Finding {
    const INVARIANT: &str = "I9 one writer at a time, and each flush follows the one before";
    let Some(commits) = commits else {
        return Finding::not_looked_at(INVARIANT, "the commits in their order");
    };
    let mut finding = Finding::new(INVARIANT);
    let mut before: Option<Commit> = None;
    for commit in &commits.list {
        finding.looked_at += 1;
        let Commit { epoch, from, to, .. } = *commit;
        if to < from {
            finding.breach(|| format!("epoch {epoch} wrote tick {to} after tick {from}"));
        }
        if let Some(before) = before {
            if epoch < before.epoch {
                finding.breach(|| {
                    format!(
                        "epoch {epoch} wrote tick {to} after epoch {} had written {}",
                        before.epoch, before.to
                    )
                });
            } else if from < before.to || (epoch > before.epoch && to <= before.to) {
                // Whoever takes a world begins with a tick of its own.
                finding.breach(|| {
                    format!("epoch {epoch} wrote from tick {from}, and {} was written", before.to)
                });
            } else if epoch == before.epoch && commits.with_beats && from != before.to {
                finding
                    .breach(|| format!("epoch {epoch} wrote from tick {from}, and stood at {}", before.to));
            }
        }
        before = Some(*commit);
    }
    finding
}
