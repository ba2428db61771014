//! What operators read of a server: histograms that tell the truth, counters, and the forms in which they are handed out.
//!
//! The crate knows nothing of worlds: whoever measures something calls [`Instruments`], and whoever asks gets it as
//! Prometheus text, as histograms in JSON, or as an interval log on disk. It reads no clock and keeps no task: the moments
//! come in from outside.
//!
//! In reading order: [`timing`] (one histogram) → [`counters`] (what is counted) → [`instruments`] (all of them, by name) →
//! [`interval_log`] (the same, kept on disk).

pub mod counters;
pub mod instruments;
pub mod interval_log;
pub mod timing;

pub use counters::{ActionLabels, Counters};
pub use instruments::{Instruments, Stage};
pub use interval_log::IntervalLog;
pub use timing::{Interval, Scale, Timing};
