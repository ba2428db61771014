//! How long the world takes to come back, measured alike after every strike.

use std::time::Duration;

use anyhow::{Result, ensure};
use holdfast_devstack::Role;
use holdfast_devstack::server::role_at;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::faults;
use super::memory::MemoryWatch;
use super::scene::{LOOK_EVERY, RECOVERY_WAIT_MAX, Scene};

/// How long the world took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// Until a server was ready to be played; none where one is all the while.
    pub ready: Option<Duration>,
    /// Until everything was answered that bots had done before.
    pub answered: Duration,
    /// Until every bot had been told that something was accepted which it did after the strike.
    pub playing: Duration,
}

/// A strike that has struck.
#[derive(Debug)]
pub(super) struct Struck {
    /// From here on recovery counts: from the strike, where the world has to help itself; else from when it was given back
    /// what it was deprived of.
    since: Instant,
    /// Whether a server has to become ready.
    is_away: bool,
    kept: Option<Kept>,
    /// How many connections of players suffered it, where that is what it is about.
    pub(super) sockets: usize,
    /// What the owner's process holds meanwhile, where that is to be seen.
    pub(super) memory: Option<MemoryWatch>,
}

/// What the world must do without until a server is ready that does not need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// The number of the server that it takes out of the game.
    pub(super) server: usize,
    /// What it is.
    pub(super) what: Loss,
    /// It is not given back before.
    pub(super) until: Instant,
}

/// What a server can be deprived of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// Its life: it was killed.
    Life,
    /// Its time: it is stopped.
    Time,
    /// Its store: nothing passes between it and PostgreSQL.
    Store,
}

impl Struck {
    /// Recovery counts from now on.
    pub(super) fn now(scene: &Scene<'_>) -> Self {
        let since = scene.pulse.expect_everybody();
        Self { since, is_away: false, kept: None, sockets: 0, memory: None }
    }

    /// No server is ready.
    pub(super) fn away(self) -> Self {
        Self { is_away: true, ..self }
    }

    /// So many connections of players suffered it.
    pub(super) fn at_sockets(self, sockets: usize) -> Self {
        Self { sockets, ..self }
    }

    /// The owner's process was looked at meanwhile.
    pub(super) fn watched(self, memory: MemoryWatch) -> Self {
        Self { memory: Some(memory), ..self }
    }

    /// This server does not help.
    pub(super) fn keeping(self, kept: Kept) -> Self {
        Self { kept: Some(kept), ..self }
    }
}

/// Waits until the world is back, gives it what it has had to do without, and says how long it took.
pub(super) async fn measure(scene: &mut Scene<'_>, struck: &Struck) -> Result<Recovery> {
    let mut kept = struck.kept;
    let mut looking = JoinSet::new();
    if struck.is_away {
        let others = scene.stack.servers().enumerate();
        let others = others.filter(|(number, _)| kept.is_none_or(|kept| kept.server != *number));
        looking.spawn(first_owner(others.map(|(_, server)| server.url()).collect()));
    }
    let mut ready = None;
    loop {
        scene.notice_ends()?;
        if let Some(found) = looking.try_join_next() {
            ready = Some(found?.duration_since(struck.since));
        }
        if ready.is_some()
            && let Some(due) = kept.take_if(|kept| kept.until <= Instant::now())
        {
            faults::give_back(scene, due, struck.since)?;
        }
        if let Some(playing) = scene.pulse.all_play()
            && let Some(answered) = scene.pulse.all_answered()
            && looking.is_empty()
            && kept.is_none()
        {
            let after = |instant: Instant| instant.duration_since(struck.since);
            return Ok(Recovery { ready, answered: after(answered), playing: after(playing) });
        }
        ensure!(
            struck.since.elapsed() < RECOVERY_WAIT_MAX,
            "after {RECOVERY_WAIT_MAX:?} these do not play yet: {:?}; the servers' logs:\n{}",
            scene.pulse.waiting(),
            scene.logs()
        );
        sleep(LOOK_EVERY).await;
    }
}

/// When one of these servers owned the world.
async fn first_owner(urls: Vec<String>) -> Instant {
    loop {
        let mut asked = JoinSet::new();
        for url in urls.clone() {
            asked.spawn(async move { role_at(&url).await });
        }
        while let Some(answer) = asked.join_next().await {
            if let Ok(Some(Role::Owner)) = answer {
                return Instant::now();
            }
        }
        sleep(LOOK_EVERY).await;
    }
}
