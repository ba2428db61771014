//! The report for people.

use std::fmt;

use super::row::{Row, Times};
use super::{Ownerships, TortureReport, answered};
use crate::torture::memory::Memory;

impl fmt::Display for TortureReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.elapsed.as_secs();
        writeln!(
            f,
            "{}, seed {}: {} faults in {}:{:02} min",
            self.world.game(),
            self.seed,
            self.struck_count(),
            seconds / 60,
            seconds % 60
        )?;
        self.write_faults(f)?;
        self.write_findings(f)?;
        let Ownerships { count, late_writes, late_frames, listened } = self.ownerships;
        writeln!(
            f,
            "  ownerships: {count}; of those that were over: {late_writes} writes, {late_frames} frames ({listened} of {} owners left behind were listened to); {} servers ended since they had lost the world",
            self.left_behind_count(),
            self.worlds_lost
        )?;
        if let Some(Memory { before_bytes, peak_bytes }) = self.memory {
            let mib = |bytes: u64| bytes / (1024 * 1024);
            writeln!(
                f,
                "  the server's memory where PostgreSQL hung: {} MiB before, {} MiB at most; it may grow by {} MiB",
                mib(before_bytes),
                mib(peak_bytes),
                mib(self.growth_bytes_max)
            )?;
        }
        writeln!(
            f,
            "  bots: {} without an answer, {} ended; copies went wrong {} times; told to pause {} times",
            self.stuck_bots, self.ended_bots, self.divergence_count, self.paused_count
        )?;
        let lost = |count: fn(&holdfast_checker::Findings) -> usize| self.findings.as_ref().map_or(0, count);
        writeln!(
            f,
            "  {} lost, {} twice, {} reordered: {}",
            lost(|findings| findings.lost),
            lost(|findings| findings.duplicated),
            lost(|findings| findings.reordered),
            if self.holds() { "every promise was kept." } else { "BROKEN." }
        )
    }
}

impl TortureReport {
    fn write_faults(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "  {:<36} {:>5}  {:<26}  {:<26}  {:<26}",
            "fault (p50, p95, longest)", "times", "ready", "all that waited answered", "all play"
        )?;
        for row in self.rows.iter().filter(|row| row.count() > 0) {
            let times = [row.ready(), row.answered(), row.playing()];
            write_row(f, &row.strike.label(), row.count(), &times, row.socket_count)?;
        }
        let kills = self.rows.iter().filter(|row| row.strike.kills_server()).map(Row::count).sum::<usize>();
        if kills > 0 {
            let times = [self.ready_after_kills(), self.answered_after_kills(), self.playing_after_kills()];
            write_row(f, "all in which a server died", kills, &times, 0)?;
        }
        Ok(())
    }

    fn write_findings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(findings) = &self.findings else { return Ok(()) };
        let (answered, attempted) = answered(findings);
        writeln!(f, "  answered: {answered} of {attempted}")?;
        write!(f, "{findings}")?;
        let unseen: Vec<_> = findings.not_looked_at().collect();
        if !unseen.is_empty() {
            writeln!(f, "  not looked at in this run, and so not proved: {}", unseen.join("; "))?;
        }
        Ok(())
    }
}

fn write_row(
    f: &mut fmt::Formatter<'_>,
    label: &str,
    count: usize,
    times: &[Times; 3],
    sockets: usize,
) -> fmt::Result {
    let [ready, answered, playing] = times.each_ref().map(seconds);
    write!(f, "  {label:<36} {count:>5}  {ready:<26}  {answered:<26}  {playing:<26}")?;
    if sockets > 0 {
        write!(f, " {sockets} sockets")?;
    }
    writeln!(f)
}

fn seconds(times: &Times) -> String {
    let percentile = |percent| times.percentile(percent).map(|time| format!("{:6.2} s", time.as_secs_f64()));
    [50, 95, 100].into_iter().filter_map(percentile).collect::<Vec<_>>().join(" ")
}
