//! F2: a server dies at a named point of its code. It looks for a file that names the point, and removes it as it dies.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use holdfast_devstack::Folder;
use holdfast_devstack::link::Harm;
use rand::RngExt as _;

use super::{poison, sockets};
use crate::torture::recovery::Struck;
use crate::torture::scene::Scene;
use crate::torture::strike::{Point, Strike};

/// The point at which a tick panics instead of dying.
pub(super) const TICK_PANIC: &str = "TickPanic";

/// How often a point that every tick passes is passed before, at most.
const PASSED_MAX: u32 = 10;

/// How many connections are closed so that somebody is attached.
const REATTACHED: usize = 3;

/// The file that tells servers where to die.
#[derive(Debug)]
pub(in crate::torture) struct Trap {
    file: PathBuf,
    // It goes when this is dropped.
    _folder: Folder,
}

impl Trap {
    /// One that is not armed.
    pub(in crate::torture) fn lay() -> Result<Self> {
        let folder = Folder::create()?;
        Ok(Self { file: folder.path().join("failpoint"), _folder: folder })
    }

    /// The variable by which a server knows of it.
    pub(in crate::torture) fn variable(&self) -> (String, String) {
        ("HOLDFAST_FAILPOINT".to_owned(), self.file.display().to_string())
    }

    /// Arms it: points in the order in which they are to strike, a line each.
    pub(super) fn arm(&self, lines: &str) -> Result<()> {
        // Nobody is to see half of it.
        let unfinished = self.file.with_extension("unfinished");
        fs::write(&unfinished, format!("{lines}\n")).context("write where to die")?;
        fs::rename(&unfinished, &self.file).context("arm a failpoint")
    }

    /// Whether the last point has struck.
    pub(in crate::torture) fn is_sprung(&self) -> bool {
        !self.file.exists()
    }
}

/// The owner dies there, and is started again at once.
pub(super) async fn die_at(scene: &mut Scene<'_>, point: Point) -> Result<Struck> {
    match point {
        Point::Load => {
            // Whoever loads the world next dies.
            let owner = scene.owner().await?;
            scene.trap.arm(point.name())?;
            scene.kill(owner)?;
            scene.start(owner)?;
        }
        Point::Attach | Point::AttachedUnwelcomed => {
            let owner = scene.owner().await?;
            scene.trap.arm(point.name())?;
            sockets::strike(scene, owner, Harm::Close, REATTACHED)?;
        }
        Point::Reload => {
            poison::make_room_for_reloads(scene, Strike::Failpoint(point)).await?;
            scene.trap.arm(&format!("{TICK_PANIC}\n{}", point.name()))?;
        }
        Point::BeforeFlush
        | Point::FlushSent
        | Point::CommitUnread
        | Point::ReplyBeforeGate
        | Point::GateHalfOpen => {
            let number = scene.rng.random_range(1..=PASSED_MAX);
            scene.trap.arm(&format!("{} {number}", point.name()))?;
        }
    }
    let dead = scene.wait_for_death().await?;
    let struck = Struck::now(scene).away();
    scene.start(dead)?;
    Ok(struck)
}
