//! What happened in a run, as one number that stands for all of it, and as lines where somebody wants to read them.
//!
//! Two runs with the same number have done the same: every event, every effect and every byte that went over the
//! simulated network is in it.

use std::fmt::Write as _;

use holdfast_front::Moment;

/// The account of a run.
#[derive(Clone, Debug)]
pub struct Trace {
    hash: u64,
    count: u64,
    /// One line for each note, where they are wanted: as many as a run has notes (see `run::EVENTS_MAX`).
    lines: Option<Vec<String>>,
}

/// The prime of FNV-1a, which is taken over words here instead of bytes.
const PRIME: u64 = 0x0000_0100_0000_01b3;

impl Trace {
    /// An empty account, with or without lines.
    #[must_use]
    pub fn new(with_lines: bool) -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, count: 0, lines: with_lines.then(Vec::new) }
    }

    /// Something has happened: what, and two numbers that say to whom and how.
    pub(crate) fn note(&mut self, now: Moment, what: &'static str, one: u64, two: u64) {
        self.begin(now, what);
        self.mix(one);
        self.mix(two);
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{:>12.3} ms  {what} {one} {two}", milliseconds(now)));
        }
    }

    /// The same, with what was said.
    pub(crate) fn note_bytes(&mut self, now: Moment, what: &'static str, one: u64, bytes: &[u8]) {
        self.begin(now, what);
        self.mix(one);
        self.mix_bytes(bytes);
        if let Some(lines) = &mut self.lines {
            let mut line = format!("{:>12.3} ms  {what} {one} ({} bytes)", milliseconds(now), bytes.len());
            for byte in bytes.iter().take(24) {
                // A string takes whatever is written into it.
                let _ = write!(line, " {byte:02x}");
            }
            lines.push(line);
        }
    }

    /// The same, in words that are made only where somebody reads them.
    pub(crate) fn note_words(&mut self, now: Moment, what: &'static str, words: impl FnOnce() -> String) {
        self.begin(now, what);
        let words = words();
        self.mix_bytes(words.as_bytes());
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{:>12.3} ms  {what} {words}", milliseconds(now)));
        }
    }

    /// The number that stands for all of it.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// How much has happened.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The lines; none where they were not wanted.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        self.lines.as_deref().unwrap_or_default()
    }

    fn begin(&mut self, now: Moment, what: &'static str) {
        self.count += 1;
        self.mix(u64::try_from(now.0.as_micros()).unwrap_or(u64::MAX));
        self.mix_bytes(what.as_bytes());
    }

    fn mix(&mut self, word: u64) {
        self.hash = (self.hash ^ word).wrapping_mul(PRIME).rotate_left(29);
    }

    fn mix_bytes(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.mix(u64::from_le_bytes(last));
        self.mix(bytes.len() as u64);
    }
}

fn milliseconds(now: Moment) -> f64 {
    now.0.as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn whatever_is_another_word_number_byte_or_moment_is_another_run() {
        let at = |ms| Moment(Duration::from_millis(ms));
        let hash = |now, what, one, bytes: &[u8]| {
            let mut trace = Trace::new(false);
            trace.note_bytes(now, what, one, bytes);
            trace.hash()
        };
        let first = hash(at(1), "a", 1, &[0]);
        assert_eq!(first, hash(at(1), "a", 1, &[0]));
        for other in [
            hash(at(2), "a", 1, &[0]),
            hash(at(1), "b", 1, &[0]),
            hash(at(1), "a", 2, &[0]),
            hash(at(1), "a", 1, &[1]),
            hash(at(1), "a", 1, &[0, 0]),
        ] {
            assert_ne!(first, other);
        }
    }
}
