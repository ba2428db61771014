//! How far a torture has come, in one line.

use std::fmt;
use std::time::Duration;

use super::recovery::Recovery;
use super::strike::Strike;

/// How far it has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// How long bots have played, faults included.
    pub elapsed: Duration,
    /// How many strikes there were.
    pub struck: usize,
    /// How many there will be, where that is known.
    pub planned: Option<usize>,
    /// How many actions were accepted.
    pub accepted: usize,
    /// The last strike, and how long the world took to come back.
    pub last: Option<(Strike, Recovery)>,
    /// Whether that one is new.
    pub is_new: bool,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.elapsed.as_secs();
        write!(f, "{:02}:{:02} ", seconds / 60, seconds % 60)?;
        match self.planned {
            Some(planned) => write!(f, "{} of {planned} faults", self.struck)?,
            None => write!(f, "{} faults", self.struck)?,
        }
        write!(f, ", {} accepted", self.accepted)?;
        let Some((strike, recovery)) = self.last else { return Ok(()) };
        write!(f, "; {}: ", strike.label())?;
        if let Some(ready) = recovery.ready {
            write!(f, "ready after {ready:.2?}, ")?;
        }
        write!(f, "all play after {:.2?}", recovery.playing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_there_is_to_say() {
        let mut progress = Progress {
            elapsed: Duration::from_secs(75),
            struck: 0,
            planned: Some(9),
            accepted: 812,
            last: None,
            is_new: false,
        };
        assert_eq!(progress.to_string(), "01:15 0 of 9 faults, 812 accepted");
        progress.planned = None;
        let (ready, playing) = (Some(Duration::from_millis(900)), Duration::from_millis(1_500));
        let answered = Duration::from_millis(1_200);
        progress.last = Some((Strike::KillServer, Recovery { ready, answered, playing }));
        let told = "01:15 0 faults, 812 accepted; kill-server: ready after 900.00ms, all play after 1.50s";
        assert_eq!(progress.to_string(), told);
    }
}
