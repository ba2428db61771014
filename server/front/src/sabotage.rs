//! Deliberate defects, each of which breaks one promise, so that a test can show that breaking it is noticed.
//!
//! Nothing of this is compiled without the cargo feature `sabotage`, and no binary that is shipped has it. One defect at
//! most is on in a process. Each is a line or two at the place where its promise is kept; this file only names them.
//!
//! The ways out that the gate holds back are all here: verdicts (S1), what changed in the world (S2), replies, refusals
//! and Welcome. Not here is the refusal of a join: it says nothing that a crash could take back. HTTP is no way out
//! for what is speculation: it reads what PostgreSQL has committed.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU8, Ordering};

/// A deliberate defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sabotage {
    /// Verdicts leave before their tick is durable.
    S1,
    /// What changed in the world is shown before its tick is durable.
    S2,
    /// An action that is sent again is done again.
    S3,
    /// A flush is not fenced: whoever writes last wins.
    S4,
    /// A flush whose outcome is unknown is sent again without a look at what became of it.
    S5,
    /// PostgreSQL may answer before what it answers is on the disk.
    S7,
    /// What makes actions happen once is written in a transaction of its own.
    S9,
    /// An error of one of the flush's statements is swallowed, and the rest is committed.
    S10,
    /// The two halves of a swap happen in two ticks.
    S11,
    /// Replies leave before their tick is durable.
    S13Replies,
    /// The world's refusals, with the `seq` that they expect, leave before their tick is durable.
    S13Refusals,
    /// Welcome leaves before its tick is durable.
    S13Welcome,
    /// An action that comes too early is done, and what it overtook is passed over.
    S14,
}

impl Sabotage {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::S1,
        Self::S2,
        Self::S3,
        Self::S4,
        Self::S5,
        Self::S7,
        Self::S9,
        Self::S10,
        Self::S11,
        Self::S13Replies,
        Self::S13Refusals,
        Self::S13Welcome,
        Self::S14,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::S1 => "S1",
            Self::S2 => "S2",
            Self::S3 => "S3",
            Self::S4 => "S4",
            Self::S5 => "S5",
            Self::S7 => "S7",
            Self::S9 => "S9",
            Self::S10 => "S10",
            Self::S11 => "S11",
            Self::S13Replies => "S13:replies",
            Self::S13Refusals => "S13:refusals",
            Self::S13Welcome => "S13:welcome",
            Self::S14 => "S14",
        }
    }
}

impl fmt::Display for Sabotage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No defect has this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownSabotage(pub String);

impl fmt::Display for UnknownSabotage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Sabotage::ALL.iter().map(|sabotage| sabotage.name()).collect();
        write!(f, "there is no sabotage {:?}; there are {}", self.0, names.join(", "))
    }
}

impl std::error::Error for UnknownSabotage {}

impl FromStr for Sabotage {
    type Err = UnknownSabotage;

    /// `S13:verdicts` and `S13:deltas` are S1 and S2 by the names of the ways out that they open.
    fn from_str(text: &str) -> Result<Self, UnknownSabotage> {
        match text {
            "S13:verdicts" => Ok(Self::S1),
            "S13:deltas" => Ok(Self::S2),
            _ => Self::ALL
                .iter()
                .copied()
                .find(|sabotage| sabotage.name() == text)
                .ok_or_else(|| UnknownSabotage(text.to_owned())),
        }
    }
}

/// The defect that is on, as its place in [`Sabotage::ALL`] plus one; zero where none is.
static ON: AtomicU8 = AtomicU8::new(0);

/// Turns one on, and whichever was on off; or all off.
pub fn set(sabotage: Option<Sabotage>) {
    ON.store(sabotage.map_or(0, number), Ordering::Relaxed);
}

/// Whether this one is on.
#[must_use]
pub fn is_on(sabotage: Sabotage) -> bool {
    ON.load(Ordering::Relaxed) == number(sabotage)
}

fn number(sabotage: Sabotage) -> u8 {
    let place = Sabotage::ALL.iter().position(|one| *one == sabotage).unwrap_or_default();
    u8::try_from(place + 1).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_name_by_which_it_is_found() {
        for sabotage in Sabotage::ALL {
            assert_eq!(sabotage.name().parse(), Ok(*sabotage));
        }
        assert_eq!("S13:deltas".parse(), Ok(Sabotage::S2));
        let unknown = "S6".parse::<Sabotage>().unwrap_err();
        assert!(unknown.to_string().contains("S13:welcome"), "{unknown}");
    }

    #[test]
    fn at_most_one_is_on() {
        assert!(Sabotage::ALL.iter().all(|sabotage| !is_on(*sabotage)));
        set(Some(Sabotage::S14));
        set(Some(Sabotage::S3));
        let on: Vec<_> = Sabotage::ALL.iter().filter(|sabotage| is_on(**sabotage)).collect();
        assert_eq!(on, [&Sabotage::S3]);
        set(None);
        assert!(!is_on(Sabotage::S3));
    }
}
