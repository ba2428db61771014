//! Starts children that die with this process, also where it is killed.
//!
//! The kernel sends a child its death signal when the *thread* that started it ends. A test's thread ends with the
//! test, an async runtime's with the runtime, so all children are started by one thread that lives as long as the
//! process. The signal is set by `setpriv`, in the child itself: nothing here is unsafe.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// What a child hears when this process is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeathSignal {
    /// SIGKILL: for programs with no children of their own.
    Kill,
    /// SIGQUIT: PostgreSQL's immediate shutdown. Its own children get no death signal from us, it stops them.
    Quit,
}

/// A user and a group, by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The user.
    pub uid: u32,
    /// The group.
    pub gid: u32,
}

/// A child that is to be started.
#[derive(Debug)]
pub struct ChildSpec {
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    not_inherited: Option<&'static str>,
    identity: Option<Identity>,
    death_signal: DeathSignal,
    folder: Option<PathBuf>,
    output: Stdio,
    errors: Stdio,
}

impl ChildSpec {
    /// A child that runs `program`, hears `death_signal` when we are gone, reads nothing and says nothing.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>, death_signal: DeathSignal) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            not_inherited: None,
            identity: None,
            death_signal,
            folder: None,
            output: Stdio::null(),
            errors: Stdio::null(),
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Keeps those of our own variables from it whose names begin like this: what somebody has set for a server of
    /// theirs is not meant for one of ours.
    #[must_use]
    pub fn not_inheriting(mut self, prefix: &'static str) -> Self {
        self.not_inherited = Some(prefix);
        self
    }

    /// Runs it as somebody else. Only root can ask for that.
    #[must_use]
    pub fn identity(mut self, identity: Option<Identity>) -> Self {
        self.identity = identity;
        self
    }

    /// Runs it in this folder.
    #[must_use]
    pub fn in_folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Where its standard output goes.
    #[must_use]
    pub fn output(mut self, output: impl Into<Stdio>) -> Self {
        self.output = output.into();
        self
    }

    /// Where its standard error goes.
    #[must_use]
    pub fn errors(mut self, errors: impl Into<Stdio>) -> Self {
        self.errors = errors.into();
        self
    }

    /// Starts it; when this comes back it will hear its death signal. It has a process group of its own, so that a Ctrl-C
    /// at our terminal reaches us alone.
    ///
    /// # Errors
    /// Where it cannot be started. A program that `setpriv` cannot find ends at once with status 127 instead.
    pub fn spawn(self) -> io::Result<Child> {
        let (reply, answer) = sync_channel(1);
        let gone = |_| io::Error::other("the thread that starts children has ended");
        spawner()?
            .send(Request { command: self.command(), reply })
            .map_err(|error| gone(error.to_string()))?;
        let child = answer.recv().map_err(|error| gone(error.to_string()))??;
        wait_for_program(&child);
        Ok(child)
    }

    fn command(self) -> Command {
        let mut command = Command::new("setpriv");
        command.arg(match self.death_signal {
            DeathSignal::Kill => "--pdeathsig=KILL",
            DeathSignal::Quit => "--pdeathsig=QUIT",
        });
        if let Some(Identity { uid, gid }) = self.identity {
            command.arg(format!("--reuid={uid}")).arg(format!("--regid={gid}")).arg("--clear-groups");
        }
        if let Some(prefix) = self.not_inherited {
            let names = std::env::vars_os().map(|(name, _)| name);
            for name in names.filter(|name| name.as_encoded_bytes().starts_with(prefix.as_bytes())) {
                command.env_remove(name);
            }
        }
        command.arg("--").arg(self.program).args(self.arguments).envs(self.environment);
        if let Some(folder) = self.folder {
            command.current_dir(folder);
        }
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.stdin(Stdio::null()).stdout(self.output).stderr(self.errors);
        command
    }
}

/// Waits until `setpriv` has set the death signal and become the program, or has ended: were we killed before, the
/// child would live on. That takes a millisecond or two; a machine on which it takes seconds is not waited for.
fn wait_for_program(child: &Child) {
    let exe = format!("/proc/{}/exe", child.id());
    let is_setpriv = || std::fs::read_link(&exe).is_ok_and(|path| path.ends_with("setpriv"));
    let deadline = Instant::now() + PROGRAM_WAIT_MAX;
    while is_setpriv() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(1));
    }
}

/// How long a child may take to become its program before nobody waits for that any more.
const PROGRAM_WAIT_MAX: Duration = Duration::from_secs(5);

struct Request {
    command: Command,
    reply: SyncSender<io::Result<Child>>,
}

/// How many children may wait to be started; whoever comes then waits.
const WAITING_MAX: usize = 16;

fn spawner() -> io::Result<&'static SyncSender<Request>> {
    static SPAWNER: OnceLock<Result<SyncSender<Request>, io::ErrorKind>> = OnceLock::new();
    SPAWNER
        .get_or_init(|| {
            let (requests, inbox) = sync_channel(WAITING_MAX);
            let thread = thread::Builder::new().name("spawner".into()).spawn(move || serve(&inbox));
            thread.map(|_| requests).map_err(|error| error.kind())
        })
        .as_ref()
        .map_err(|kind| io::Error::from(*kind))
}

fn serve(inbox: &Receiver<Request>) {
    for Request { mut command, reply } in inbox {
        let child = command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => io::Error::new(
                error.kind(),
                "the program `setpriv` is missing: install the package util-linux (children are started on Linux only)",
            ),
            _ => error,
        });
        if let Err(unsent) = reply.send(child)
            && let Ok(mut child) = unsent.0
        {
            // Nobody waits for it any more. Both can fail only where it has ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
