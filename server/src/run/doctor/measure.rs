//! How long a commit takes there and back, and how far the two clocks are apart.

use std::time::Duration;

use sqlx::PgConnection;

use super::chain;
use super::finding::Findings;
use crate::clock;
use crate::persistence::postgres::trial;

/// How many commits are measured.
const COMMIT_COUNT: usize = 50;

/// From here on a commit holds up a world of 20 ticks a second: three of them may be under way at once.
const COMMIT_SLOW: Duration = Duration::from_millis(50);

/// From here on clocks count as apart. Tokens are good within thirty seconds.
const CLOCKS_APART: Duration = Duration::from_secs(2);

/// Commits that change nothing, one after the other.
pub(super) async fn commits(
    findings: &mut Findings,
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let mut times = Vec::with_capacity(COMMIT_COUNT);
    for _ in 0..COMMIT_COUNT {
        let begun = clock::now();
        match trial::commit(connection).await {
            Ok(()) => times.push(clock::now().since(begun)),
            Err(error @ sqlx::Error::Database(_)) => {
                findings.warning(
                    "database.commit",
                    format!("A commit could not be measured: {}.", chain(&error)),
                    "GRANT EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text) TO this role."
                        .to_owned(),
                );
                return Ok(());
            }
            Err(error) => return Err(error),
        }
    }
    times.sort_unstable();
    let (p50, p95) = (percentile(&times, 50), percentile(&times, 95));
    let says = format!(
        "A commit takes {:.1} ms there and back (p50), {:.1} ms at p95 of {COMMIT_COUNT}.",
        p50.as_secs_f64() * 1e3,
        p95.as_secs_f64() * 1e3
    );
    if p95 < COMMIT_SLOW {
        findings.ok("database.commit", says);
    } else {
        let todo = "Players feel that. A disk that flushes fast, and a short way to it, help.";
        findings.warning("database.commit", says, todo.to_owned());
    }
    Ok(())
}

/// Of times in order: the shortest that so many per cent of them do not exceed.
fn percentile(times: &[Duration], per_cent: usize) -> Duration {
    let place = (times.len() * per_cent).div_ceil(100).saturating_sub(1);
    times.get(place).copied().unwrap_or_default()
}

/// This machine's clock and PostgreSQL's.
pub(super) async fn clocks(
    findings: &mut Findings,
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let before = clock::since_1970();
    let there = trial::clock(connection).await?;
    let after = clock::since_1970();
    let here = before + after.saturating_sub(before) / 2;
    let apart = there.abs_diff(here);
    let says = format!("This machine's clock and the database's are {} ms apart.", apart.as_millis());
    if apart < CLOCKS_APART {
        findings.ok("clocks", says);
    } else {
        let todo = "Let both follow the same time (NTP): this machine's clock decides whether tokens are still good.";
        findings.warning("clocks", says, todo.to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let times: Vec<_> = (1..=50).map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 50), Duration::from_millis(25));
        assert_eq!(percentile(&times, 95), Duration::from_millis(48));
        assert_eq!(percentile(&times[..1], 95), Duration::from_millis(1));
        assert_eq!(percentile(&[], 95), Duration::ZERO);
    }
}
