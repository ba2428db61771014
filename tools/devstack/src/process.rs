//! Processes by their numbers: who is whose child, and signals to all of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// The numbers of `parent`'s living children.
#[must_use]
pub fn children_of(parent: u32) -> Vec<u32> {
    all().filter(|pid| stat_of(*pid).is_some_and(|stat| stat.parent == parent && stat.state != 'Z')).collect()
}

/// The numbers of all living processes below `ancestor`, from one look at all there are.
#[must_use]
pub fn descendants_of(ancestor: u32) -> Vec<u32> {
    let mut children = BTreeMap::<u32, Vec<u32>>::new();
    for (pid, stat) in all().filter_map(|pid| Some((pid, stat_of(pid)?))) {
        if stat.state != 'Z' {
            children.entry(stat.parent).or_default().push(pid);
        }
    }
    let mut found = children.remove(&ancestor).unwrap_or_default();
    let mut looked_at = 0;
    while let Some(pid) = found.get(looked_at).copied() {
        looked_at += 1;
        found.extend(children.remove(&pid).unwrap_or_default());
    }
    found
}

/// The numbers of the processes that run the program `name` (of at most 15 bytes, as the kernel keeps it) with `folder`
/// as their working folder. Of other users' processes the kernel does not tell.
#[must_use]
pub fn working_in(folder: &Path, name: &str) -> Vec<u32> {
    let Ok(folder) = folder.canonicalize() else { return Vec::new() };
    all()
        .filter(|pid| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == folder))
        .filter(|pid| {
            fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.trim_end() == name)
        })
        .collect()
}

fn all() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// Whether there is such a process, and it is not a mere entry that waits to be read by its parent.
#[must_use]
pub fn is_alive(pid: u32) -> bool {
    stat_of(pid).is_some_and(|stat| stat.state != 'Z')
}

/// A process's command line; empty where there is no such process.
#[must_use]
pub fn command_line(pid: u32) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&line).replace('\0', " ")
}

/// Sends a signal. A process that is gone already is no error: that is what most signals are for.
pub fn send(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// Stops `parent` and its children with SIGSTOP and says who they are. The parent goes first, so that it starts no
/// child while they are counted.
pub fn freeze_family(parent: u32) -> Vec<u32> {
    send(parent, Signal::STOP);
    let mut family = vec![parent];
    family.extend(children_of(parent));
    family.iter().for_each(|pid| send(*pid, Signal::STOP));
    family
}

/// Kills `parent` and all its children, at one blow as far as any of them can tell, and returns when none lives.
pub fn kill_family(parent: u32) {
    let family = freeze_family(parent);
    family.iter().for_each(|pid| send(*pid, Signal::KILL));
    let deadline = Instant::now() + KILL_DEADLINE;
    while family.iter().any(|pid| is_alive(*pid)) && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(1));
    }
}

/// How long the kernel may take to end what was killed: a process that waits for a disk ends only then.
const KILL_DEADLINE: Duration = Duration::from_secs(5);

struct Stat {
    state: char,
    parent: u32,
}

fn stat_of(pid: u32) -> Option<Stat> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses and may hold anything, so the fields are counted from the last one.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?.chars().next()?;
    Some(Stat { state, parent: fields.next()?.parse().ok()? })
}
