//! What processes cost, read from `/proc`: processor time and resident memory of a process, or of all below it as well.

use std::fs;
use std::time::Duration;

use holdfast_devstack::process::descendants_of;
use rustix::param::{clock_ticks_per_second, page_size};
use serde::Serialize;

/// A reading of a process, or of several together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Processor time so far.
    pub cpu: Duration,
    /// Resident memory, in bytes; pages that processes share count for each of them.
    pub rss_bytes: u64,
}

/// What a process used over a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Usage {
    /// How many processor cores it kept busy, on average.
    pub cpu_cores: f64,
    /// Resident memory at the end, in bytes.
    pub rss_bytes: u64,
}

/// Reads one process, and nothing else: it costs little, so that it can be done often. None where there is no such
/// process.
#[must_use]
pub fn read(pid: u32) -> Option<Reading> {
    parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?, Units::of_this_kernel())
}

/// Reads a process and all below it, for which every process there is is looked at once. None where there is no such
/// process; a child that has ended meanwhile counts nothing.
#[must_use]
pub fn read_family(pid: u32) -> Option<Reading> {
    let below = descendants_of(pid).into_iter().filter_map(read);
    Some(below.fold(read(pid)?, |total, one| Reading {
        cpu: total.cpu + one.cpu,
        rss_bytes: total.rss_bytes + one.rss_bytes,
    }))
}

/// Reads this process alone.
#[must_use]
pub fn read_self() -> Reading {
    read(std::process::id()).unwrap_or_default()
}

/// What was used between two readings that lie `span` apart.
#[must_use]
pub fn between(before: Reading, after: Reading, span: Duration) -> Usage {
    let cpu = after.cpu.saturating_sub(before.cpu).as_secs_f64();
    let seconds = span.as_secs_f64();
    let cpu_cores = if seconds > 0.0 { cpu / seconds } else { 0.0 };
    Usage { cpu_cores, rss_bytes: after.rss_bytes }
}

/// What the kernel counts in.
#[derive(Clone, Copy)]
struct Units {
    clock_ticks_per_s: u64,
    page_bytes: u64,
}

impl Units {
    fn of_this_kernel() -> Self {
        let page_bytes = u64::try_from(page_size()).unwrap_or(u64::MAX);
        Self { clock_ticks_per_s: clock_ticks_per_second(), page_bytes }
    }
}

/// The fields of `/proc/<pid>/stat` stand behind the program's name, which is in brackets and may hold anything.
fn parse(stat: &str, units: Units) -> Option<Reading> {
    let fields: Vec<&str> = stat.get(stat.rfind(')')? + 1..)?.split_ascii_whitespace().collect();
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    let (ticks, pages) = (field(14)? + field(15)?, field(24)?);
    let cpu = Duration::from_millis(ticks.saturating_mul(1_000) / units.clock_ticks_per_s.max(1));
    Some(Reading { cpu, rss_bytes: pages.saturating_mul(units.page_bytes) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_blanks_is_passed_over() {
        let stat = "77 (a) b) (c) S 1 2 3 4 5 6 7 8 9 10 150 50 13 14 15 16 17 18 19 20 1000 22";
        let read =
            |clock_ticks_per_s, page_bytes| parse(stat, Units { clock_ticks_per_s, page_bytes }).unwrap();
        let (small, large) = (read(100, 4_096), read(1_000, 16_384));
        assert_eq!(small, Reading { cpu: Duration::from_secs(2), rss_bytes: 1_000 * 4_096 });
        assert_eq!(large, Reading { cpu: Duration::from_millis(200), rss_bytes: 1_000 * 16_384 });
    }

    #[test]
    fn this_process_uses_something_and_one_that_is_not_there_has_no_reading() {
        assert!(read_self().rss_bytes > 0);
        assert!(read_family(std::process::id()).is_some_and(|family| family.rss_bytes > 0));
        assert_eq!((read(u32::MAX), read_family(u32::MAX)), (None, None));
    }
}
