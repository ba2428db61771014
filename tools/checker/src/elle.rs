//! A history in the form that Elle reads, the checker of Jepsen: appends to lists and reads of them
//! (`elle.list-append`), for whoever would rather believe somebody else's checker.
//!
//! A line is an operation's invocation or its end, in the order in which they happened:
//!
//! ```clojure
//! {:index 0 :type :invoke :process 3 :time 123 :f :txn :value [[:append 7 42]]}
//! ```
//!
//! | here | there |
//! |---|---|
//! | an append | `[:append tape entry]` |
//! | a read, and the entries of its reply | `[:r tape nil]`, `[:r tape [1 2 3]]` |
//! | accepted | `:ok`; a read whose reply never came is `:info`, since nobody knows what it saw |
//! | rejected by a rule | `:fail` |
//! | given up, or without an end | `:info`: it may have happened |
//! | what is stored in the end | a read of each tape, by a client of its own, after everything |
//!
//! Whatever else clients did has no place there. What their copies showed on the way is left out: it is no operation.
//!
//! The cost is linear in the run: its appends and reads, with the entries that were read, are held in memory, since an
//! invocation is written down a little after the time that it bears.

mod processes;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read, Write};
use std::time::Duration;

use holdfast_protocol::{Code, EntityId};

use crate::history::action::{End, Meaning, Stamp};
use crate::history::event::Event;
use crate::trace::{Reader, Record, TraceError};
use processes::Processes;

/// An end of which nobody knows what it was. Its process is not heard of again.
const INFO: &str = "info";

/// What names an action: the character, its `seq`, its nonce.
type Key = (EntityId, u64, u32);

/// An action, as far as it is known.
#[derive(Clone, Copy, Debug, Default)]
struct Operation {
    invoked: Option<(Stamp, Meaning)>,
    ended: Option<(Stamp, End)>,
}

/// All operations of a run that Elle can look at.
#[derive(Debug, Default)]
pub struct Operations {
    actions: BTreeMap<Key, Operation>,
    replies: BTreeMap<(EntityId, u64), Vec<u64>>,
    /// What is stored in the end.
    tapes: BTreeMap<EntityId, Vec<u64>>,
    /// When the last event happened.
    last: Option<Duration>,
}

/// How an action shows.
struct Shown<'a> {
    character: EntityId,
    invoked: Stamp,
    ended: Option<Stamp>,
    /// How its end is called.
    kind: &'static str,
    outcome: Value<'a>,
    error: Option<Code>,
}

/// A line of the file, but for its place.
struct Line<'a> {
    kind: &'static str,
    process: u64,
    at: Option<Duration>,
    value: Value<'a>,
    error: Option<Code>,
}

/// What an operation does, or did.
#[derive(Clone, Copy)]
enum Value<'a> {
    Append(EntityId, u64),
    Read(EntityId, Option<&'a [u64]>),
}

impl Operations {
    /// Reads a trace to its end, or to where it is cut off.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn read<R: Read>(reader: Reader<R>) -> Result<Self, TraceError> {
        let mut operations = Self::default();
        for record in reader {
            match record? {
                Record::Happened(when, event) => operations.take(when, event),
                Record::End { state, .. } => operations.tapes = state.into_owned().tapes,
                _ => {}
            }
        }
        Ok(operations)
    }

    fn take(&mut self, when: Stamp, event: Event<'_>) {
        self.last = when.at;
        let (key, known) = match event {
            Event::Invoked { character, name, meaning, invoked } => {
                let known = Operation { invoked: Some((invoked, meaning)), ended: None };
                ((character, name.seq.0, name.nonce.0), known)
            }
            Event::Ended { character, name, end } => {
                // The end takes the next number of the count.
                let ended = Stamp { order: when.order + 1, ..when };
                let known = Operation { invoked: None, ended: Some((ended, end)) };
                ((character, name.seq.0, name.nonce.0), known)
            }
            Event::Replied { character, seq, entries } => {
                self.replies.entry((character, seq.0)).or_insert_with(|| entries.into_owned());
                return;
            }
            _ => return,
        };
        let operation = self.actions.entry(key).or_default();
        operation.invoked = operation.invoked.or(known.invoked);
        operation.ended = operation.ended.or(known.ended);
        let is_other = matches!(operation.invoked, Some((_, Meaning::Transfer { .. } | Meaning::Other)));
        if is_other && operation.ended.is_some() {
            self.actions.remove(&key);
        }
    }

    /// Writes all of it, and returns how many lines that were.
    ///
    /// # Errors
    /// Where `out` cannot be written to.
    pub fn write(&self, out: &mut impl Write) -> io::Result<usize> {
        let mut lines = self.lines();
        lines.extend(self.reads_of_the_end());
        for (index, line) in lines.iter().enumerate() {
            writeln!(out, "{{:index {index} {line}}}")?;
        }
        out.flush()?;
        Ok(lines.len())
    }

    /// What clients did, in the order in which it happened, and what has no end.
    fn lines(&self) -> Vec<Line<'_>> {
        let operations: Vec<_> =
            self.actions.iter().filter_map(|(key, action)| self.shown(key, action)).collect();
        let invoked = operations.iter().enumerate().map(|(place, shown)| (shown.invoked.order, place, false));
        let ended = operations.iter().enumerate();
        let ended = ended.map(|(place, shown)| (shown.ended.map_or(u64::MAX, |end| end.order), place, true));
        let mut steps: Vec<_> = invoked.chain(ended).collect();
        steps.sort_unstable();

        let mut processes = Processes::of(self.actions.keys().map(|key| key.0));
        let mut lines = Vec::with_capacity(steps.len());
        let mut under_way = vec![0; operations.len()];
        for (_, place, is_end) in steps {
            let shown = &operations[place];
            let Shown { character, kind, error, .. } = *shown;
            let line = if is_end {
                let process = under_way[place];
                if kind != INFO {
                    processes.is_free(character, process);
                }
                let at = shown.ended.map_or(self.last, |end| end.at);
                Line { kind, process, at, value: shown.outcome, error }
            } else {
                let process = processes.take(character);
                under_way[place] = process;
                Line {
                    kind: "invoke",
                    process,
                    at: shown.invoked.at,
                    value: shown.outcome.asked(),
                    error: None,
                }
            };
            lines.push(line);
        }
        lines
    }

    /// How an action shows, where it does.
    fn shown(&self, key: &Key, action: &Operation) -> Option<Shown<'_>> {
        let (invoked, meaning) = action.invoked?;
        let (kind, error) = match action.ended {
            Some((_, End::Accepted)) => ("ok", None),
            Some((_, End::Rejected(code))) => ("fail", Some(code)),
            Some((_, End::GivenUp(code))) => (INFO, Some(code)),
            None => (INFO, None),
        };
        let (kind, outcome) = match meaning {
            Meaning::Append { tape, entry } => (kind, Value::Append(tape, entry)),
            Meaning::Read { tape } => {
                let entries = self.replies.get(&(key.0, key.1)).filter(|_| kind == "ok");
                let kind = if kind == "ok" && entries.is_none() { INFO } else { kind };
                (kind, Value::Read(tape, entries.map(Vec::as_slice)))
            }
            Meaning::Transfer { .. } | Meaning::Other => return None,
        };
        let ended = action.ended.map(|(stamp, _)| stamp);
        Some(Shown { character: key.0, invoked, ended, kind, outcome, error })
    }

    /// What is stored in the end, as reads of a client that comes when all others are gone.
    fn reads_of_the_end(&self) -> impl Iterator<Item = Line<'_>> {
        let process = Processes::of(self.actions.keys().map(|key| key.0)).stranger();
        self.tapes.iter().flat_map(move |(tape, entries)| {
            let line = |kind, entries| Line {
                kind,
                process,
                at: self.last,
                value: Value::Read(*tape, entries),
                error: None,
            };
            [line("invoke", None), line("ok", Some(entries.as_slice()))]
        })
    }
}

impl Value<'_> {
    /// What is known when it is asked for.
    fn asked(self) -> Self {
        match self {
            Self::Append(tape, entry) => Self::Append(tape, entry),
            Self::Read(tape, _) => Self::Read(tape, None),
        }
    }
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, process, at, value, error } = self;
        write!(f, ":type :{kind} :process {process} ")?;
        if let Some(at) = at {
            write!(f, ":time {} ", at.as_nanos())?;
        }
        write!(f, ":f :txn :value [{value}]")?;
        if let Some(code) = error {
            write!(f, " :error {}", code.0)?;
        }
        Ok(())
    }
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Append(tape, entry) => write!(f, "[:append {tape} {entry}]"),
            Self::Read(tape, None) => write!(f, "[:r {tape} nil]"),
            Self::Read(tape, Some(entries)) => {
                let entries: Vec<_> = entries.iter().map(u64::to_string).collect();
                write!(f, "[:r {tape} [{}]]", entries.join(" "))
            }
        }
    }
}
