//! What `doctor` has found, one by one, and how it is told: to people with marks, to programs as JSON.

use std::fmt::Write as _;

use serde::Serialize;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mark {
    /// As it should be.
    Ok,
    /// A server would start, and somebody should look at this all the same.
    Warning,
    /// A server would not start, or nobody could play.
    MustMend,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// What was looked at: stable, for programs.
    pub(super) check: &'static str,
    pub(super) mark: Mark,
    /// What was found, in a sentence.
    pub(super) says: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) todo: Option<String>,
}

/// Everything that was found, in the order in which it was looked at.
#[derive(Debug, Default, Serialize)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn ok(&mut self, check: &'static str, says: impl Into<String>) {
        self.push(check, Mark::Ok, says.into(), None);
    }

    pub(super) fn warning(
        &mut self,
        check: &'static str,
        says: impl Into<String>,
        todo: impl Into<Option<String>>,
    ) {
        self.push(check, Mark::Warning, says.into(), todo.into());
    }

    pub(super) fn must_mend(
        &mut self,
        check: &'static str,
        says: impl Into<String>,
        todo: impl Into<Option<String>>,
    ) {
        self.push(check, Mark::MustMend, says.into(), todo.into());
    }

    fn push(&mut self, check: &'static str, mark: Mark, says: String, todo: Option<String>) {
        self.0.push(Finding { check, mark, says, todo });
    }

    /// The worst of them.
    pub(super) fn worst(&self) -> Mark {
        self.0.iter().map(|finding| finding.mark).max().unwrap_or(Mark::Ok)
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for Finding { check, mark, says, todo } in &self.0 {
            let mark = match mark {
                Mark::Ok => "ok        ",
                Mark::Warning => "warning   ",
                Mark::MustMend => "MUST MEND ",
            };
            // A String takes everything.
            let _ = writeln!(text, "{mark} {check:<22} {says}");
            if let Some(todo) = todo {
                let _ = writeln!(text, "{:<34} -> {todo}", "");
            }
        }
        let count = |mark| self.0.iter().filter(|finding| finding.mark == mark).count();
        let (warnings, mends) = (count(Mark::Warning), count(Mark::MustMend));
        let verdict = match (mends, warnings) {
            (0, 0) => "A server would start, and people could play.".to_owned(),
            (0, _) => {
                format!("A server would start, and people could play. Look at {warnings} of these first.")
            }
            _ => format!("Not yet: {mends} of these must be mended first."),
        };
        let _ = writeln!(text, "\n{verdict}");
        text
    }

    /// For programs.
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::json!({ "ok": self.worst() < Mark::MustMend, "findings": self.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_finding_decides_and_each_says_what_to_do() {
        let mut findings = Findings::default();
        assert_eq!(findings.worst(), Mark::Ok);
        findings.ok("one", "It is fine.");
        assert!(findings.text().contains("would start, and people could play.\n"));
        findings.warning("two", "It is odd.", "Look.".to_owned());
        assert_eq!(findings.json()["ok"], true);
        assert!(findings.text().contains("Look at 1 of these"));
        findings.must_mend("three", "It is broken.", None);
        let json = findings.json();
        assert_eq!(
            (json["ok"].as_bool(), json["findings"][2]["mark"].as_str()),
            (Some(false), Some("must_mend"))
        );
        assert_eq!(json["findings"][1]["todo"], "Look.");
        let text = findings.text();
        assert!(text.contains("MUST MEND  three") && text.contains("-> Look."), "{text}");
        assert!(text.contains("1 of these must be mended"), "{text}");
    }
}
