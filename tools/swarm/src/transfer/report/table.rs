//! The report as a table for people.

use std::fmt;

use super::ratio::{Other, Ratio};
use super::{Contender, Measurement, TransferReport};
use crate::transfer::draw::Shape;

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours { tick_hz, pipeline } => write!(f, "ours at {tick_hz} Hz, {pipeline} each"),
            Self::Rival { rival, pool } => write!(f, "{}, pool of {pool}", rival.name()),
            Self::Batching { pipeline } => write!(f, "batching service, {pipeline} each"),
        }
    }
}

impl Measurement {
    /// In a line, while it goes on.
    pub(super) fn in_words(&self) -> String {
        let per_s = self.figures.per_s;
        format!("{:<9} {:<34} {per_s:>9.0} transfers/s", self.shape.to_string(), self.contender.to_string())
    }
}

impl fmt::Display for TransferReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { clients, purses, seconds, .. } = self;
        let rounds =
            self.measurements.iter().map(|measurement| measurement.repeat + 1).max().unwrap_or_default();
        writeln!(
            f,
            "{purses} purses, {clients} clients; each figure is the median of {rounds} × {seconds:.0} s"
        )?;
        writeln!(f, "on the right, processor cores; the batching service is a part of the clients' process")?;
        for shape in &self.shapes {
            writeln!(f, "\n{shape}")?;
            writeln!(
                f,
                "  {:<34} {:>9}  {:>17}  {:>7} {:>7} {:>7}  {:>6} {:>8} {:>7}",
                "durable transfers a second",
                "median",
                "range",
                "p50 ms",
                "p95",
                "p99",
                "server",
                "postgres",
                "clients"
            )?;
            for contender in self.contenders(*shape) {
                self.row(f, *shape, contender)?;
            }
        }
        let ratios = self.ratios();
        if !ratios.is_empty() {
            writeln!(f, "\nours over                               median   range")?;
        }
        ratios.iter().try_for_each(|ratio| writeln!(f, "  {ratio}"))
    }
}

impl TransferReport {
    fn row(&self, f: &mut fmt::Formatter<'_>, shape: Shape, contender: Contender) -> fmt::Result {
        let rounds = self.rounds(shape, contender);
        let per_s = |round: Option<&&Measurement>| round.map_or(0.0, |round| round.figures.per_s);
        let range = format!("{:.0} .. {:.0}", per_s(rounds.first()), per_s(rounds.last()));
        let Some(median) = self.median(shape, contender) else { return Ok(()) };
        let figures = &median.figures;
        write!(f, "  {:<34} {:>9.0}  {range:>17}", contender.to_string(), figures.per_s)?;
        if let Some(latency) = figures.latency_ms {
            write!(f, "  {:>7.1} {:>7.1} {:>7.1}", latency.p50, latency.p95, latency.p99)?;
        }
        if let Some(cores) = figures.cores {
            write!(f, "  {:>6.2} {:>8.2} {:>7.2}", cores.server, cores.postgres, cores.generator)?;
        }
        writeln!(f)?;
        let (Contender::Ours { pipeline, .. } | Contender::Batching { pipeline }, Some(latency)) =
            (contender, figures.latency_ms)
        else {
            return Ok(());
        };
        let outstanding = f64::from(u32::try_from(self.clients * pipeline).unwrap_or(u32::MAX));
        let bound = if latency.mean > 0.0 { outstanding * 1_000.0 / latency.mean } else { 0.0 };
        writeln!(
            f,
            "      the closed loop's bound: {outstanding} ÷ {:.1} ms (mean) = {bound:.0} a second",
            latency.mean
        )?;
        let Some(ticks) = figures.ticks else { return Ok(()) };
        let a_tick = if ticks.per_s > 0.0 { figures.per_s / ticks.per_s } else { 0.0 };
        writeln!(
            f,
            "      {:.1} ticks a second, each {a_tick:.0} actions and {:.1} ms of processor; {:.1} flushes a second, each \
             {} rows in {:.1} ms",
            ticks.per_s, ticks.cpu_ms, ticks.flushes_per_s, ticks.flush_rows, ticks.flush_ms
        )
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let over = match self.over {
            Other::OneByOne => "one by one",
            Other::Batching => "batching",
        };
        let Self { shape, tick_hz, pipeline, median, min, max, .. } = self;
        let what = format!("{over}, {shape}, {tick_hz} Hz, {pipeline} each");
        write!(f, "{what:<36} {median:>7.2}   {min:.2} .. {max:.2}")
    }
}
