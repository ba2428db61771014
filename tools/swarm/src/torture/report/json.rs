//! The report for programs.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::row::Times;
use super::{TortureReport, answered};

impl TortureReport {
    /// For programs. Times are whole milliseconds.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let findings = self.findings.as_ref();
        let invariants: Vec<_> = findings
            .iter()
            .flat_map(|findings| &findings.invariants)
            .map(|finding| {
                json!({
                    "invariant": finding.invariant, "looked_at": finding.looked_at,
                    "outcome": finding.outcome().to_string(), "not_looked_at_without": finding.missing,
                    "broken": finding.breach_count, "breaches": finding.breaches,
                })
            })
            .collect();
        let faults: Map<_, _> = self
            .rows
            .iter()
            .map(|row| {
                let value = json!({
                    "count": row.count(), "sockets": row.socket_count,
                    "ready_ms": times(&row.ready()), "answered_ms": times(&row.answered()),
                    "playing_ms": times(&row.playing()),
                });
                (row.strike.label(), value)
            })
            .collect();
        json!({
            "world": self.world.game(),
            "seed": self.seed,
            "seconds": self.elapsed.as_secs(),
            "struck": self.struck_count(),
            "faults": faults,
            "after_kills": {
                "ready_ms": times(&self.ready_after_kills()), "answered_ms": times(&self.answered_after_kills()),
                "playing_ms": times(&self.playing_after_kills()),
            },
            "actions": findings.map(|findings| {
                let (answered, attempted) = answered(findings);
                json!({
                    "attempted": attempted, "answered": answered,
                    "accepted": findings.accepted, "rejected": findings.rejected,
                })
            }),
            "lost": findings.map(|findings| findings.lost),
            "duplicated": findings.map(|findings| findings.duplicated),
            "reordered": findings.map(|findings| findings.reordered),
            "ownerships": {
                "count": self.ownerships.count, "late_writes": self.ownerships.late_writes,
                "late_frames": self.ownerships.late_frames, "left_behind": self.left_behind_count(),
                "listened": self.ownerships.listened,
            },
            "worlds_lost": self.worlds_lost,
            "server_rss_bytes": self.memory.map(|memory| json!({
                "before": memory.before_bytes, "peak": memory.peak_bytes, "growth_max": self.growth_bytes_max,
            })),
            "stuck_bots": self.stuck_bots,
            "ended_bots": self.ended_bots,
            "paused": self.paused_count,
            "divergences": self.divergence_count,
            "invariants": invariants,
            "holds": self.holds(),
        })
    }
}

fn times(times: &Times) -> Value {
    let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let [p50, p95, max] = [50, 95, 100].map(|percent| times.percentile(percent).map(ms));
    json!({ "p50": p50, "p95": p95, "max": max })
}
