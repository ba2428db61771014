//! Named instants at which a real process dies, or a tick panics, so that a test can show that none of them is a bad one.
//!
//! Nothing of this is compiled without the cargo feature `sabotage`, and no binary that is shipped has it. Where a
//! process comes by such an instant it says so in one line ([`hit`]). What happens then stands in a file, which whoever
//! tests writes, in one write, while the process runs: the name of a point, or `NAME N` for its Nth hit from now on. Of
//! several lines each is for when the one before has struck. A line that strikes is taken out first, and the file with
//! the last of them: so the next start lives, and whoever waits for the strike sees it.
//!
//! Without [`arm_from`], as in the simulator, no point ever strikes.

use std::collections::VecDeque;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::{Signal, getpid, kill_process};

/// An instant of a server's life. At all of them but [`Self::TickPanic`] the process dies, by SIGKILL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failpoint {
    /// A flush with rows in it is about to be sent.
    BeforeFlush,
    /// It is with the kernel, as far as that takes it at once.
    FlushSent,
    /// PostgreSQL has committed it; nothing of the reply was read.
    CommitUnread,
    /// The reply was read; the gate has not opened.
    ReplyBeforeGate,
    /// The gate has opened for several sessions. The frames of some, how many is drawn by lot, are with the kernel; those
    /// of the others are not even with their sockets.
    GateHalfOpen,
    /// The world is taken, and half of it is read.
    Load,
    /// A tick has attached a character; nothing of that is sent.
    Attach,
    /// An attachment is durable; its Welcome is not sent.
    AttachedUnwelcomed,
    /// A world has failed and was given up; the process has not taken it anew.
    Reload,
    /// An action has had its effect in memory: the tick panics.
    TickPanic,
}

impl Failpoint {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::BeforeFlush,
        Self::FlushSent,
        Self::CommitUnread,
        Self::ReplyBeforeGate,
        Self::GateHalfOpen,
        Self::Load,
        Self::Attach,
        Self::AttachedUnwelcomed,
        Self::Reload,
        Self::TickPanic,
    ];
}

impl fmt::Display for Failpoint {
    /// Its name, by which it is armed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What this process was told; none where nobody can tell it anything.
static ORDERS: Mutex<Option<Orders>> = Mutex::new(None);

/// From now on this file says which point strikes. It need not be there.
pub fn arm_from(file: PathBuf) {
    *orders() = Some(Orders::at(file));
}

/// The process comes by this point, and may not survive that.
///
/// # Panics
/// Where the point is [`Failpoint::TickPanic`], and strikes.
#[expect(clippy::print_stderr, reason = "the last word of a process that has no time for its log")]
pub fn hit(point: Failpoint) {
    if !orders().as_mut().is_some_and(|orders| orders.strike(point)) {
        return;
    }
    eprintln!("the failpoint {point} strikes");
    assert!(point != Failpoint::TickPanic, "the failpoint {point} has struck");
    // Nobody outlives this signal, so there is no answer.
    let _ = kill_process(getpid(), Signal::KILL);
}

/// Whether this point is the next to strike, at one of its next hits: for a point that has to be prepared.
#[must_use]
pub fn is_armed(point: Failpoint) -> bool {
    orders().as_mut().is_some_and(|orders| orders.next() == Some(point))
}

fn orders() -> MutexGuard<'static, Option<Orders>> {
    ORDERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One line of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Order {
    point: Failpoint,
    /// At which hit it strikes; 1 is the next.
    at: u32,
}

impl Order {
    /// None where no point has that name, or this is no number of a hit.
    fn of(line: &str) -> Option<Self> {
        let (name, at) = line.split_once(' ').unwrap_or((line, "1"));
        let point = Failpoint::ALL.iter().copied().find(|point| point.to_string() == name)?;
        Some(Self { point, at: at.trim().parse().ok()? })
    }
}

/// What the file says, and how far that is done.
#[derive(Debug)]
struct Orders {
    file: PathBuf,
    /// What stood in the file when it was last looked at; empty where it was not there.
    text: String,
    waiting: VecDeque<Order>,
    /// How often the first order's point was hit since the file says what it says.
    hit_count: u32,
}

impl Orders {
    fn at(file: PathBuf) -> Self {
        Self { file, text: String::new(), waiting: VecDeque::new(), hit_count: 0 }
    }

    /// The point that strikes next. Asks the file each time: the least that one can do to hear of it at once, and it costs
    /// a few microseconds.
    fn next(&mut self) -> Option<Failpoint> {
        let text = fs::read_to_string(&self.file).unwrap_or_default();
        if text != self.text {
            self.hit_count = 0;
            self.waiting = text.lines().filter_map(|line| read(&self.file, line)).collect();
            self.text = text;
        }
        self.waiting.front().map(|order| order.point)
    }

    /// Counts a hit, and says whether the point strikes now. Its order is out of the file then: where that cannot be done
    /// it does not strike, since it would strike for ever.
    fn strike(&mut self, point: Failpoint) -> bool {
        if self.next() != Some(point) {
            return false;
        }
        self.hit_count += 1;
        if self.waiting.front().is_none_or(|order| self.hit_count < order.at) {
            return false;
        }
        self.waiting.pop_front();
        let rewritten = self.write_waiting();
        if let Err(error) = &rewritten {
            warn(&self.file, &format!("cannot be written, so {point} does not strike: {error}"));
        }
        rewritten.is_ok()
    }

    /// Writes what is left into the file's place at once, or removes it where nothing is.
    fn write_waiting(&mut self) -> io::Result<()> {
        self.hit_count = 0;
        self.text = self.waiting.iter().map(|order| format!("{} {}\n", order.point, order.at)).collect();
        if self.waiting.is_empty() {
            return fs::remove_file(&self.file);
        }
        let beside = self.file.with_extension("next");
        fs::write(&beside, &self.text)?;
        fs::rename(beside, &self.file)
    }
}

/// An order, or a warning instead.
fn read(file: &Path, line: &str) -> Option<Order> {
    let order = Order::of(line);
    if order.is_none() {
        let names: Vec<_> = Failpoint::ALL.iter().map(Failpoint::to_string).collect();
        warn(file, &format!("{line:?} is no failpoint; there are {}", names.join(", ")));
    }
    order
}

#[expect(clippy::print_stderr, reason = "for whoever tests; no server that is shipped has this")]
fn warn(file: &Path, text: &str) {
    eprintln!("WARNING: {}: {text}", file.display());
}

#[cfg(test)]
mod tests {
    use super::Failpoint::{BeforeFlush, Load, Reload, TickPanic};
    use super::*;

    /// Orders in a file of their own, which goes with them.
    struct Told(Orders);

    impl Told {
        fn new(name: &str) -> Self {
            let name = format!("holdfast-failpoint-{name}-{}", std::process::id());
            Self(Orders::at(std::env::temp_dir().join(name)))
        }

        fn write(&self, text: &str) {
            fs::write(&self.0.file, text).unwrap();
        }

        fn in_file(&self) -> Option<String> {
            fs::read_to_string(&self.0.file).ok()
        }
    }

    impl Drop for Told {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0.file);
        }
    }

    #[test]
    fn nothing_strikes_while_the_file_is_not_there() {
        let mut told = Told::new("absent");
        assert!(Failpoint::ALL.iter().all(|point| !told.0.strike(*point)));
        assert_eq!(told.0.next(), None);
        hit(BeforeFlush);
        assert!(!is_armed(BeforeFlush), "no file was named in this process");
    }

    #[test]
    fn a_point_strikes_at_the_hit_that_is_asked_for_and_is_disarmed_by_that() {
        let mut told = Told::new("counted");
        told.write("BeforeFlush 3");
        let struck: Vec<_> = (0..4).map(|_| told.0.strike(Load) || told.0.strike(BeforeFlush)).collect();
        assert_eq!(struck, [false, false, true, false]);
        assert_eq!(told.in_file(), None);
        // Armed again it counts again.
        told.write("BeforeFlush 2\n");
        assert!(!told.0.strike(BeforeFlush));
        assert!(told.0.strike(BeforeFlush));
    }

    #[test]
    fn several_points_strike_in_their_order_and_those_left_outlive_the_process() {
        let mut told = Told::new("several");
        told.write("TickPanic\nReload 2\nLoad\n");
        assert!(!told.0.strike(Reload), "it is not its turn");
        assert!(told.0.strike(TickPanic));
        assert_eq!(told.in_file().as_deref(), Some("Reload 2\nLoad 1\n"));
        told.0 = Orders::at(told.0.file.clone());
        assert_eq!(told.0.next(), Some(Reload));
        assert!(!told.0.strike(Reload));
        assert!(told.0.strike(Reload));
        assert!(told.0.strike(Load));
        assert_eq!(told.in_file(), None);
    }

    #[test]
    fn what_is_no_point_is_passed_over() {
        let mut told = Told::new("unknown");
        told.write("NoSuchPoint\nLoad many\n\nLoad");
        assert!(told.0.strike(Load));
        assert_eq!(told.in_file(), None);
    }
}
