//! I10: how late clients see what is committed; I5: that none sees it before.
//!
//! Both need the time of commits by the clock by which clients' arrivals are written down.

use std::collections::BTreeMap;
use std::time::Duration;

use holdfast_protocol::TokenPoint;

use super::session::point;
use crate::commits::{Commit, Commits};
use crate::finding::Finding;

/// When a token arrived first, and when last, at whichever client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    first: Duration,
    last: Duration,
}

/// When each tick's token arrived: as many as the run has ticks, however many clients there are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arrivals(BTreeMap<TokenPoint, Arrival>);

impl Arrivals {
    pub(crate) fn adopt(&mut self, at: TokenPoint, now: Option<Duration>) {
        let Some(now) = now else { return };
        let arrival = self.0.entry(at).or_insert(Arrival { first: now, last: now });
        arrival.last = arrival.last.max(now);
    }

    /// Arrivals of the last tick of a flush that changed something, with the time at which it was committed. A tick
    /// within a flush may have been durable before: only the last is known to have waited for it.
    fn of_commits(&self, commits: &Commits) -> impl Iterator<Item = (TokenPoint, Duration, Arrival)> {
        commits.list.iter().filter_map(|commit| {
            let Commit { epoch, to, changed: true, at: Some(at), .. } = *commit else { return None };
            let point = TokenPoint { epoch, tick: to };
            Some((point, at, *self.0.get(&point)?))
        })
    }
}

const MISSING: &str = "times of arrivals and commits";

/// I5: no token was held before what it stands for was committed.
pub(super) fn nothing_early(arrivals: &Arrivals, commits: Option<&Commits>) -> Finding {
    const INVARIANT: &str = "I5 nothing was seen before it was committed";
    let mut finding = Finding::new(INVARIANT);
    for (at, committed, arrival) in commits.into_iter().flat_map(|commits| arrivals.of_commits(commits)) {
        finding.looked_at += 1;
        if arrival.first < committed {
            finding.breach(|| {
                format!("somebody held {} {:?} before it was committed", point(at), committed - arrival.first)
            });
        }
    }
    if finding.looked_at == 0 { Finding::not_looked_at(INVARIANT, MISSING) } else { finding }
}

/// I10: 95 of 100 ticks that changed something are with the last client that gets them within `bound`.
pub(super) fn fresh(arrivals: &Arrivals, commits: Option<&Commits>, bound: Option<Duration>) -> Finding {
    const INVARIANT: &str = "I10 what is committed is soon seen by everybody";
    let Some(bound) = bound else {
        return Finding::not_looked_at(INVARIANT, "a bound: faults make that no promise");
    };
    let of_commits = commits.into_iter().flat_map(|commits| arrivals.of_commits(commits));
    let mut delays: Vec<_> =
        of_commits.map(|(_, committed, arrival)| arrival.last.saturating_sub(committed)).collect();
    if delays.is_empty() {
        return Finding::not_looked_at(INVARIANT, MISSING);
    }
    let mut finding = Finding::new(INVARIANT);
    finding.looked_at = delays.len();
    let place = (delays.len() * 95).div_ceil(100) - 1;
    let (_, delay, _) = delays.select_nth_unstable(place);
    if *delay > bound {
        let delay = *delay;
        finding.breach(|| {
            format!("95 of 100 were seen by everybody within {delay:?}, and must be within {bound:?}")
        });
    }
    finding
}
