//! The figures of a load: counters and times. Each generator hands its own to the command, which adds them up; nothing is
//! ever averaged.

use std::collections::BTreeMap;

use anyhow::Result;
use holdfast_client::WorldCopy;
use holdfast_protocol::{Code, EntityId};
use serde::{Deserialize, Serialize};

use crate::times::{Percentiles, Times};

/// What was counted and measured. The actions are those that were due in the measured span.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Figures {
    /// Those that the bots' schedules have, whether or not a bot came to them.
    pub(super) intended: u64,
    pub(super) sent: u64,
    pub(super) unsent: u64,
    pub(super) accepted: u64,
    /// By code.
    pub(super) rejected: BTreeMap<Code, u64>,
    pub(super) given_up: u64,
    /// Those that had no answer when all was over.
    pub(super) open: u64,
    /// Answers that came in the measured span, whenever their actions were due.
    pub(super) answers_within: u64,
    /// What was sent, by verb.
    pub(super) verbs: BTreeMap<String, u64>,
    /// From the intended time to the verdict, of every intended action: where there was none, as long as it was waited for.
    pub(super) latency: Times,
    /// From the actual hand-over to the verdict.
    pub(super) service: Times,
    /// From the actual hand-over to the verdict, of all bots, where the verdict came in the measured span: as a server counts.
    pub(super) service_within: Times,
    /// From the intended time to a neighbour's decoded delta.
    pub(super) propagation: Times,
    /// From the beginning of a connection to the first whole state.
    pub(super) first_state: Times,
    /// From the loss of a connection that was cut on purpose to the first state on the next one; since the beginning, as all
    /// that is told of connections.
    pub(super) back: Times,
    /// How much later than intended a bot came to act; of several generators, in the one in which they came latest.
    pub(super) lateness: Times,
    /// From the sending to the verdict, of bots that wait for each verdict before they go on.
    pub(super) closed_loop: Times,
    pub(super) bytes_received: u64,
    /// Of each watcher.
    pub(super) in_view: Vec<InView>,
    pub(super) divergences: u64,
    pub(super) reconnects: u64,
    /// How many connections were cut on purpose.
    pub(super) cuts: u64,
    /// Bytes that slow readers have read.
    pub(super) slow_bytes: u64,
    /// How often a slow reader lost its connection.
    pub(super) slow_losses: u64,
}

/// What a watcher has in view when all is over, itself left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct InView {
    /// Those who cost a server something: whatever they do, others are to see.
    pub(super) people: usize,
    /// What lies about.
    pub(super) things: usize,
}

impl InView {
    pub(super) fn of(copy: &WorldCopy, watcher: EntityId) -> Self {
        let all = copy.chunks().flat_map(|(_, place)| place.ids()).filter(|id| *id != watcher);
        let (people, things): (Vec<_>, Vec<_>) = all.partition(|id| id.is_character());
        Self { people: people.len(), things: things.len() }
    }
}

impl Figures {
    /// What these generators counted and measured, added up; but how late they were themselves, of the latest alone, since a
    /// late one would hide among others. Nothing, where one that was to act did not measure it.
    ///
    /// # Errors
    /// Where their histograms are not of the same kind.
    pub(super) fn of(generators: Vec<Self>) -> Result<Self> {
        let lateness = |figures: &Self| match figures.lateness.percentiles() {
            Percentiles { count: 0, .. } => f64::INFINITY,
            Percentiles { p99, .. } => p99,
        };
        let acted = generators.iter().filter(|figures| figures.intended > 0);
        let latest = acted.max_by(|one, other| lateness(one).total_cmp(&lateness(other)));
        let latest = latest.map(|figures| figures.lateness.clone()).unwrap_or_default();
        let mut sum = Self { lateness: latest, ..Self::default() };
        for figures in generators {
            sum.add(figures)?;
        }
        Ok(sum)
    }

    fn add(&mut self, other: Self) -> Result<()> {
        for (sum, count) in [
            (&mut self.intended, other.intended),
            (&mut self.sent, other.sent),
            (&mut self.unsent, other.unsent),
            (&mut self.accepted, other.accepted),
            (&mut self.given_up, other.given_up),
            (&mut self.open, other.open),
            (&mut self.answers_within, other.answers_within),
            (&mut self.bytes_received, other.bytes_received),
            (&mut self.divergences, other.divergences),
            (&mut self.reconnects, other.reconnects),
            (&mut self.cuts, other.cuts),
            (&mut self.slow_bytes, other.slow_bytes),
            (&mut self.slow_losses, other.slow_losses),
        ] {
            *sum += count;
        }
        for (code, count) in other.rejected {
            *self.rejected.entry(code).or_default() += count;
        }
        for (verb, count) in other.verbs {
            *self.verbs.entry(verb).or_default() += count;
        }
        for (sum, times) in [
            (&mut self.latency, &other.latency),
            (&mut self.service, &other.service),
            (&mut self.service_within, &other.service_within),
            (&mut self.propagation, &other.propagation),
            (&mut self.first_state, &other.first_state),
            (&mut self.back, &other.back),
            (&mut self.closed_loop, &other.closed_loop),
        ] {
            sum.add(times)?;
        }
        self.in_view.extend(other.in_view);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A generator's figures, as they come over its standard output.
    fn sent_over(figures: &Figures) -> Figures {
        serde_json::from_str(&serde_json::to_string(figures).unwrap()).unwrap()
    }

    #[test]
    fn what_generators_measured_is_added_as_if_one_had_measured_all() {
        let mut whole = Figures::default();
        let mut parts = vec![Figures::default(); 3];
        for number in 0..3_000_u64 {
            // Each generator sees times of another size, so that no average of percentiles would be right.
            let place = usize::try_from(number % 3).unwrap();
            let time =
                Duration::from_micros((number * number) % 9_973 * 10_u64.pow(u32::try_from(place).unwrap()));
            for figures in [&mut whole, &mut parts[place]] {
                figures.latency.record(time);
                figures.accepted += 1;
                *figures.rejected.entry(Code(u16::try_from(number % 7).unwrap())).or_default() += 1;
                *figures.verbs.entry(format!("verb {}", number % 2)).or_default() += 1;
            }
        }
        let merged = Figures::of(parts.iter().map(sent_over).collect()).unwrap();
        assert_eq!(merged.latency.percentiles(), whole.latency.percentiles());
        assert_eq!(
            serde_json::to_value(&merged.latency).unwrap(),
            serde_json::to_value(&whole.latency).unwrap()
        );
        assert_eq!(
            (merged.accepted, merged.rejected, merged.verbs),
            (whole.accepted, whole.rejected, whole.verbs)
        );
    }

    #[test]
    fn a_late_generator_does_not_hide_among_others() {
        let generator = |intended, lateness: &[u64]| {
            let mut figures = Figures { intended, ..Figures::default() };
            lateness.iter().for_each(|late| figures.lateness.record(Duration::from_millis(*late)));
            figures
        };
        let late = |generators: &[&Figures]| {
            let all = Figures::of(generators.iter().copied().cloned().collect()).unwrap();
            all.lateness.percentiles()
        };
        let (soon, last) = (generator(999, &[1; 999]), generator(1, &[40]));
        assert!(late(&[&soon, &last, &soon]).p99 > 39.0);
        assert_eq!(late(&[&soon, &generator(1, &[])]).count, 0, "one that measured nothing is the latest");
        assert_eq!(late(&[&soon, &generator(0, &[])]).count, 999, "one that has nothing to do is not");
    }
}
