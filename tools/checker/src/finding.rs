//! What was found about one invariant.

use std::fmt;

/// How many breaches of an invariant are told in full.
pub const BREACHES_MAX: usize = 10;

/// One invariant, and what breaks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its number and what it says.
    pub invariant: &'static str,
    /// How many things were looked at. Zero proves nothing.
    pub looked_at: usize,
    /// What breaks it, at most [`BREACHES_MAX`] of them.
    pub breaches: Vec<String>,
    /// How many break it.
    pub breach_count: usize,
    /// What would have been needed to look, and was not offered.
    pub missing: Option<&'static str>,
}

/// What a finding comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Something was looked at, and nothing breaks it.
    Holds,
    /// Something breaks it.
    Broken,
    /// There was nothing to look at.
    NotLookedAt,
}

impl Finding {
    /// Nothing found yet.
    pub(crate) const fn new(invariant: &'static str) -> Self {
        Self { invariant, looked_at: 0, breaches: Vec::new(), breach_count: 0, missing: None }
    }

    /// What cannot be looked at without `missing`.
    pub(crate) fn not_looked_at(invariant: &'static str, missing: &'static str) -> Self {
        Self { missing: Some(missing), ..Self::new(invariant) }
    }

    /// Something breaks it. The text is made only where it is going to be told.
    pub(crate) fn breach(&mut self, what: impl FnOnce() -> String) {
        self.breach_count += 1;
        if self.breaches.len() < BREACHES_MAX {
            self.breaches.push(what());
        }
    }

    /// What it comes to.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if self.breach_count > 0 {
            Outcome::Broken
        } else if self.looked_at > 0 {
            Outcome::Holds
        } else {
            Outcome::NotLookedAt
        }
    }

    /// Whether something breaks it.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.outcome() == Outcome::Broken
    }

    /// The invariant's number: `I1` to `I12`.
    #[must_use]
    pub fn number(&self) -> &'static str {
        self.invariant.split(' ').next().unwrap_or(self.invariant)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Holds => "holds",
            Self::Broken => "BROKEN",
            Self::NotLookedAt => "not looked at",
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<62} {:<13} {:>9} looked at", self.invariant, self.outcome(), self.looked_at)?;
        if let Some(missing) = self.missing {
            write!(f, " (without {missing})")?;
        }
        for breach in &self.breaches {
            write!(f, "\n    {breach}")?;
        }
        if self.breach_count > self.breaches.len() {
            write!(f, "\n    and {} more", self.breach_count - self.breaches.len())?;
        }
        Ok(())
    }
}
