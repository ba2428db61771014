//! A load's figures as a table for people.

use std::fmt::{self, Display, Formatter};

use super::{LoadReport, Percentiles, float, share};

impl Display for LoadReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {} sessions for {:.1} s", self.world, self.sessions, self.seconds)?;
        self.circumstances(f)?;
        self.actions(f)?;
        writeln!(f, "  in ms                  mean       p50       p95       p99       max     count")?;
        for (name, times, is_told) in [
            ("verdict", self.latency_ms, true),
            ("service", self.service_ms, true),
            ("closed loop", self.closed_loop, self.closed_loop.count > 0),
            ("neighbour's delta", self.propagation_ms, true),
            ("first state", self.first_state_ms, true),
            ("back after a cut", self.back_ms, self.cuts > 0),
            ("generator's delay", self.generator.lateness_ms, true),
        ] {
            if is_told {
                row(f, name, times)?;
            }
        }
        if let Some(server_ms) = &self.server_ms {
            writeln!(f, "  the server, all bots, in ms")?;
            writeln!(f, "                         mean       p50       p95       p99       max     count")?;
            for (name, times) in server_ms {
                row(f, name, *times)?;
            }
        }
        self.costs(f)
    }
}

fn row(f: &mut Formatter<'_>, name: &str, times: Percentiles) -> fmt::Result {
    let Percentiles { count, mean, p50, p95, p99, max } = times;
    writeln!(f, "  {name:<18} {mean:>8.1}  {p50:>8.1}  {p95:>8.1}  {p99:>8.1}  {max:>8.1}  {count:>8}")
}

/// `12 of this, 3 of that`.
fn list<T: Display>(counts: impl Iterator<Item = (T, String)>) -> String {
    counts.map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
}

impl LoadReport {
    fn circumstances(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(map) = self.map {
            writeln!(
                f,
                "  map                {} × {} tiles, {} walkable",
                map.width, map.height, map.walkable
            )?;
        }
        let behaviours = self.behaviours.iter().map(|(name, count)| (name, count.to_string()));
        writeln!(f, "  bots               {}", list(behaviours))?;
        let all: u64 = self.mix.values().sum();
        let mix = self.mix.iter().map(|(verb, count)| (verb, format!("{:.1} %", share(*count, all) * 100.0)));
        writeln!(f, "  mix                {}", list(mix))
    }

    fn actions(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let actions = &self.actions;
        writeln!(
            f,
            "  actions            {} intended, {} sent, {} accepted ({:.1} %), {} rejected, {} unanswered",
            actions.intended,
            actions.sent,
            actions.accepted,
            self.accepted_share * 100.0,
            actions.rejected,
            actions.unanswered
        )?;
        for (code, count) in &actions.rejected_by {
            writeln!(f, "    rejected         {count} × {code}")?;
        }
        Ok(())
    }

    fn costs(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "  in view            {} people, {} things, {} of both (medians of {} watchers)",
            self.people_in_view, self.things_in_view, self.entities_in_view, self.watchers
        )?;
        writeln!(f, "  answers            {:.1} a second", self.throughput_per_s)?;
        writeln!(f, "  received           {:.0} bytes a session and second", self.bytes_per_session_s)?;
        writeln!(
            f,
            "  divergences        {}, and since the beginning {} reconnects ({} connections were cut on purpose)",
            self.divergences, self.reconnects, self.cuts
        )?;
        if self.slow_readers.count > 0 {
            let slow = self.slow_readers;
            writeln!(
                f,
                "  slow readers       {}, which since the beginning read {} bytes and lost {} connections",
                slow.count, slow.bytes, slow.losses
            )?;
        }
        for (name, usage) in
            [("server", self.server), ("postgres", self.postgres), ("generator", Some(self.generator.usage))]
        {
            if let Some(usage) = usage {
                let mib = float(usage.rss_bytes) / (1024.0 * 1024.0);
                writeln!(f, "  {name:<18} {:.2} cores, {mib:.0} MiB", usage.cpu_cores)?;
            }
        }
        Ok(())
    }
}
