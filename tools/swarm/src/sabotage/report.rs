//! What was found about each defect, as a table for people and as JSON for programs.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Catch, Defect, FAULTS_MAX, Scene};

/// What became of one defect, or of a server without one in one scene.
#[derive(Clone, Debug)]
pub struct Row {
    /// The defect; none where there was none.
    pub defect: Option<&'static Defect>,
    /// Where it was hunted.
    pub scene: Scene,
    /// With how many faults.
    pub fault_count: usize,
    /// How long that took.
    pub took: Duration,
    /// By what it was noticed.
    pub catch: Option<Catch>,
    /// Why rounds could not be played to their end; each has found nothing.
    pub unfinished: Vec<String>,
}

impl Row {
    pub(super) fn new(defect: Option<&'static Defect>, scene: Scene) -> Self {
        Self { defect, scene, fault_count: 0, took: Duration::ZERO, catch: None, unfinished: Vec::new() }
    }

    /// Whether it is as it must be: a defect is noticed, and where there is none nothing is found and every round is
    /// played to its end.
    #[must_use]
    pub fn holds(&self) -> bool {
        match self.defect {
            Some(_) => self.catch.is_some(),
            None => self.catch.is_none() && self.unfinished.is_empty(),
        }
    }

    fn name(&self) -> &'static str {
        self.defect.map_or("none", |defect| defect.name)
    }

    /// One line, while others are still being hunted.
    pub(super) fn in_short(&self) -> String {
        let took = self.took.as_secs();
        match &self.catch {
            Some(catch) => {
                let numbers = catch.numbers().join(", ");
                format!(
                    "{}: {numbers} after {} faults, {took} s: {}",
                    self.name(),
                    self.fault_count,
                    catch.example
                )
            }
            None => format!("{}: nothing found with {} faults, {took} s", self.name(), self.fault_count),
        }
    }

    fn to_json(&self) -> Value {
        json!({
            "defect": self.name(),
            "breaks": self.defect.map(|defect| defect.breaks),
            "shows_in": self.defect.map(|defect| defect.shows_in),
            "scene": self.scene.to_string(),
            "faults": self.fault_count,
            "seconds": self.took.as_secs(),
            "invariants": self.catch.as_ref().map(|catch| &catch.invariants),
            "example": self.catch.as_ref().map(|catch| &catch.example),
            "unfinished": self.unfinished,
            "holds": self.holds(),
        })
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, scene, faults) = (self.name(), self.scene, self.fault_count);
        let found = match (&self.catch, self.defect) {
            (Some(catch), _) => catch.numbers().join(", "),
            (None, Some(_)) => "OVERLOOKED".to_owned(),
            (None, None) => "nothing".to_owned(),
        };
        write!(f, "{name:<13} {scene:<62} {faults:>3} {:>4} s  {found}", self.took.as_secs())?;
        if let Some(defect) = self.defect {
            write!(f, "\n    breaks: {} ({})", defect.breaks, defect.shows_in.join(", "))?;
        }
        if let Some(catch) = &self.catch {
            write!(f, "\n    found: {}", catch.example)?;
        }
        for reason in &self.unfinished {
            write!(f, "\n    a round came to no end: {}", reason.lines().next().unwrap_or_default())?;
        }
        Ok(())
    }
}

/// What became of all of them.
#[derive(Clone, Debug, Default)]
pub struct SabotageReport {
    /// The seed that was used.
    pub seed: u64,
    /// One for each defect.
    pub rows: Vec<Row>,
    /// One for each scene, played without a defect.
    pub control: Vec<Row>,
}

impl SabotageReport {
    /// One sentence for each defect that was overlooked, and for each scene in which something was found without one.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        let nothing = self.rows.is_empty().then(|| "Nothing was hunted.".to_owned());
        let failed = self.rows.iter().chain(&self.control).filter(|row| !row.holds());
        let failed = failed.map(|row| match row.defect {
            Some(defect) => format!("{} was overlooked: {}.", defect.name, row.scene),
            None => format!("Without a defect it did not go clean: {}.", row.scene),
        });
        nothing.into_iter().chain(failed).collect()
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let list = |rows: &[Row]| rows.iter().map(Row::to_json).collect::<Vec<_>>();
        json!({
            "seed": self.seed,
            "faults_max": FAULTS_MAX,
            "defects": list(&self.rows),
            "control": list(&self.control),
            "holds": self.failures().is_empty(),
        })
    }
}

impl fmt::Display for SabotageReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}; each defect is to be noticed within {FAULTS_MAX} faults", self.seed)?;
        writeln!(f, "{:<13} {:<62} {:>3} {:>6}  found", "defect", "scene", "faults", "")?;
        for row in self.rows.iter().chain(&self.control) {
            writeln!(f, "{row}")?;
        }
        let caught = self.rows.iter().filter(|row| row.holds()).count();
        let clean = self.control.iter().filter(|row| row.holds()).count();
        writeln!(
            f,
            "{caught} of {} defects noticed; without one, {clean} of {} scenes clean",
            self.rows.len(),
            self.control.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sabotage::DEFECTS;

    fn broken() -> Option<Catch> {
        Some(Catch { invariants: vec!["I1 one", "I1 two", "I5 three"], example: "it is gone".to_owned() })
    }

    #[test]
    fn a_defect_that_nobody_notices_fails_the_run() {
        let mut row = Row::new(DEFECTS.first(), Scene::Overtaken);
        assert!(!row.holds());
        assert!(row.to_string().contains("OVERLOOKED"));
        row.catch = broken();
        assert!(row.holds());
        assert!(row.to_string().contains("I1, I5"), "{row}");
    }

    #[test]
    fn a_finding_or_an_unfinished_round_without_a_defect_fails_the_run() {
        let clean = Row::new(None, Scene::Overtaken);
        let caught = Row { catch: broken(), ..Row::new(DEFECTS.first(), Scene::Overtaken) };
        let failures = |control: Row| {
            SabotageReport { rows: vec![caught.clone()], control: vec![control], seed: 1 }.failures().len()
        };
        assert_eq!(failures(clean.clone()), 0);
        assert_eq!(failures(Row { catch: broken(), ..clean.clone() }), 1);
        assert_eq!(failures(Row { unfinished: vec!["no way in".to_owned()], ..clean }), 1);
        assert_eq!(SabotageReport::default().failures(), ["Nothing was hunted."]);
    }
}
