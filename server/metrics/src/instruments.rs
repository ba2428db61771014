//! All instruments of a server, by name.

use std::fmt;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};
use serde::Serialize;

use crate::counters::Counters;
use crate::interval_log::Line;
use crate::timing::{Interval, Scale, Timing, to_v2};

/// A stretch of an action's way; together they are its latency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// From the socket that read it until the tick that drains it begins.
    Queue,
    /// Until that tick's changes are sealed.
    Tick,
    /// Until they are known to be committed.
    Commit,
    /// Until the frame with the verdict is handed to its socket.
    Gate,
    /// Until that frame is with the kernel, waiting for the frame before it included.
    Socket,
}

impl Stage {
    /// All of them, in the order of an action's way.
    pub const ALL: [Self; 5] = [Self::Queue, Self::Tick, Self::Commit, Self::Gate, Self::Socket];

    /// What `/metrics` calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Tick => "tick",
            Self::Commit => "commit",
            Self::Gate => "gate",
            Self::Socket => "socket",
        }
    }

    /// What the histogram is called.
    fn histogram_name(self) -> &'static str {
        match self {
            Self::Queue => "action_queue",
            Self::Tick => "action_tick",
            Self::Commit => "action_commit",
            Self::Gate => "action_gate",
            Self::Socket => "action_socket",
        }
    }
}

/// The histograms of a server.
#[derive(Clone, Debug)]
pub struct Histograms {
    /// From an action read by its socket to its verdict with the kernel; resent actions and refusals do not count.
    pub action_latency: Timing,
    /// The same by stages.
    pub stages: Stages,
    /// From the first action drained to the tick's changes sealed.
    pub tick: Timing,
    /// The processor's time for that.
    pub tick_cpu: Timing,
    /// From a flush or beat sent to its answer.
    pub flush: Timing,
    /// Rows of one flush.
    pub flush_rows: Timing,
    /// From the commit of the first change that a client lacked to its word that it has applied it.
    pub staleness: Timing,
    /// From a fresh client's Hello to its whole state with the kernel.
    pub first_state: Timing,
    /// The same for a client that comes back, or whose copy went wrong.
    pub resync: Timing,
    /// Bytes of such a state.
    pub resync_bytes: Timing,
}

/// One histogram a stage.
#[derive(Clone, Debug)]
pub struct Stages([Timing; Stage::ALL.len()]);

impl Stages {
    /// The histogram of a stage.
    #[must_use]
    pub fn of(&self, stage: Stage) -> &Timing {
        &self.0[stage as usize]
    }
}

impl EncodeMetric for Stages {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        for stage in Stage::ALL {
            let labels = [("stage", stage.name())];
            let timing = self.of(stage);
            timing.total().encode(timing.scale(), &mut encoder.encode_family(&labels)?)?;
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

/// Everything that a server measures.
#[derive(Debug)]
pub struct Instruments {
    /// What is counted.
    pub counters: Counters,
    /// What is measured.
    pub histograms: Histograms,
    registry: Registry,
}

/// A histogram as it is handed out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HistogramView {
    /// Its name.
    pub name: &'static str,
    /// Its unit and bounds.
    #[serde(flatten)]
    pub scale: Scale,
    /// How many values were recorded since the start.
    pub count: u64,
    /// How many of them lay beyond the bounds.
    pub saturated: u64,
    /// All of them: V2, deflated, in base64.
    pub total: String,
    /// The intervals that were asked for in which something was recorded, the oldest first.
    pub recent: Vec<Interval>,
}

impl Default for Instruments {
    fn default() -> Self {
        Self::new()
    }
}

impl Instruments {
    /// All at nothing.
    #[must_use]
    pub fn new() -> Self {
        let time = || Timing::new(Scale::TIME);
        let histograms = Histograms {
            action_latency: time(),
            stages: Stages(std::array::from_fn(|_| time())),
            tick: time(),
            tick_cpu: time(),
            flush: time(),
            flush_rows: Timing::new(Scale::ROWS),
            staleness: time(),
            first_state: time(),
            resync: time(),
            resync_bytes: Timing::new(Scale::BYTES),
        };
        let counters = Counters::default();
        let mut registry = Registry::default();
        counters.register(&mut registry);
        for (name, help, timing) in [
            (
                "action_latency",
                "From an action read to its verdict with the kernel",
                &histograms.action_latency,
            ),
            ("tick_duration", "From the first action drained to the changes sealed", &histograms.tick),
            ("tick_cpu", "Processor time of a tick", &histograms.tick_cpu),
            ("flush_duration", "From a flush sent to its answer", &histograms.flush),
            ("staleness", "From a commit to the client's word that it has applied it", &histograms.staleness),
            (
                "first_state",
                "From a fresh client's Hello to its state with the kernel",
                &histograms.first_state,
            ),
            ("resync", "The same for a client that comes back or went wrong", &histograms.resync),
        ] {
            registry.register_with_unit(name, help, Unit::Seconds, timing.clone());
        }
        let stages = histograms.stages.clone();
        registry.register_with_unit("action_stage", "An action's latency by stage", Unit::Seconds, stages);
        registry.register("flush_rows", "Rows of a flush", histograms.flush_rows.clone());
        registry.register_with_unit(
            "resync",
            "Bytes of a state that was sent",
            Unit::Bytes,
            histograms.resync_bytes.clone(),
        );
        Self { counters, histograms, registry }
    }

    /// Records an action's way: how long each stage took, in their order, and all of it, which was measured by itself.
    pub fn record_action(&self, stages: [Duration; Stage::ALL.len()], whole: Duration) {
        for (stage, took) in Stage::ALL.into_iter().zip(stages) {
            self.histograms.stages.of(stage).record(took);
        }
        self.histograms.action_latency.record(whole);
    }

    /// What Prometheus reads, as OpenMetrics text.
    ///
    /// # Errors
    /// Never, as far as is known: memory takes what is written to it.
    pub fn exposition(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    /// Every histogram, with the intervals that ended after `since_ms` (milliseconds since 1970).
    #[must_use]
    pub fn view(&self, since_ms: u64) -> Vec<HistogramView> {
        let view = |(name, timing): (&'static str, &Timing)| {
            let total = timing.total();
            HistogramView {
                name,
                scale: *timing.scale(),
                count: total.histogram.len(),
                saturated: total.saturated,
                total: to_v2(&total.histogram),
                recent: timing.recent(since_ms).iter().map(|interval| Interval::clone(interval)).collect(),
            }
        };
        self.named().into_iter().map(view).collect()
    }

    /// The interval that lasted from `from_ms` until `to_ms` (milliseconds since 1970) is over: hands out what was
    /// recorded in it, for an interval log.
    pub fn close_interval(&self, from_ms: u64, to_ms: u64) -> Vec<Line> {
        let named = self.named().into_iter();
        named
            .filter_map(|(name, timing)| {
                let interval = timing.close_interval(from_ms, to_ms)?;
                Some(Line { tag: name, interval })
            })
            .collect()
    }

    fn named(&self) -> Vec<(&'static str, &Timing)> {
        let all = &self.histograms;
        let mut named: Vec<(_, &Timing)> = vec![("action_latency", &all.action_latency)];
        named.extend(Stage::ALL.map(|stage| (stage.histogram_name(), all.stages.of(stage))));
        named.extend([
            ("tick", &all.tick),
            ("tick_cpu", &all.tick_cpu),
            ("flush", &all.flush),
            ("flush_rows", &all.flush_rows),
            ("staleness", &all.staleness),
            ("first_state", &all.first_state),
            ("resync", &all.resync),
            ("resync_bytes", &all.resync_bytes),
        ]);
        named
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timing::{NotAHistogram, from_v2};

    fn ms(number: u64) -> Duration {
        Duration::from_millis(number)
    }

    #[test]
    fn an_action_is_recorded_whole_and_by_stages() {
        let instruments = Instruments::new();
        instruments.record_action([ms(25), ms(2), ms(8), ms(1), ms(4)], ms(40));
        let text = instruments.exposition().unwrap();
        assert!(text.contains("action_latency_seconds_sum 0.04\n"), "{text}");
        assert!(text.contains("action_stage_seconds_sum{stage=\"queue\"} 0.025\n"), "{text}");
        assert!(text.contains("action_stage_seconds_count{stage=\"socket\"} 1\n"), "{text}");
    }

    #[test]
    fn buckets_count_everything_up_to_their_bound() {
        let instruments = Instruments::new();
        for time in [ms(1), ms(50), ms(51), Duration::from_secs(90)] {
            instruments.histograms.tick.record(time);
        }
        let text = instruments.exposition().unwrap();
        for (bound, count) in
            [("0.0005", 0), ("0.001", 1), ("0.05", 2), ("0.06", 3), ("30.0", 3), ("+Inf", 4)]
        {
            let line = format!("tick_duration_seconds_bucket{{le=\"{bound}\"}} {count}\n");
            assert!(text.contains(&line), "{line}{text}");
        }
    }

    #[test]
    fn what_is_counted_is_named_as_it_is_documented() {
        let instruments = Instruments::new();
        instruments.counters.connect_attempts.inc();
        instruments.counters.ticks_ahead.set(3);
        instruments.histograms.resync_bytes.record_value(4_096);
        let text = instruments.exposition().unwrap();
        for line in [
            "connect_attempts_total 1\n",
            "ticks_ahead 3\n",
            "resync_bytes_count 1\n",
            "flush_rows_count 0\n",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn a_histogram_that_is_handed_out_can_be_read_and_nonsense_cannot() {
        let instruments = Instruments::new();
        instruments.histograms.flush.record(ms(7));
        let view = instruments.view(0).into_iter().find(|view| view.name == "flush").unwrap();
        assert_eq!(from_v2(&view.total).unwrap().max(), 7_003);
        assert_eq!(from_v2("bm9uc2Vuc2U="), Err(NotAHistogram));
        assert_eq!(from_v2("?"), Err(NotAHistogram));
    }
}
