//! The defects, what each breaks, and in which scene it shows.
//!
//! To add one: its line here. Whether the list is whole is asked of the binary that has them.

use std::process::Command;

use anyhow::{Context as _, Result};
use holdfast_devstack::server::binary::binary;

use super::Scene;
use crate::torture::Windows;

/// The variable that turns a defect on.
pub(super) const VARIABLE: &str = "HOLDFAST_SABOTAGE";

/// A deliberate defect of a server that was built to have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Its name.
    pub name: &'static str,
    /// The promise that it breaks.
    pub breaks: &'static str,
    /// The invariants in which that shows, by their numbers: it is noticed where one of them is broken. Who is slow to
    /// play on (I12) is never among them, since faults alone can do that.
    pub shows_in: &'static [&'static str],
    /// Where it shows.
    pub scene: Scene,
}

/// All of them, in the server's order.
pub const DEFECTS: &[Defect] = &[
    Defect {
        name: "S1",
        breaks: "verdicts wait for the commit",
        shows_in: &["I1", "I2", "I5", "I6"],
        scene: Scene::Windows(Windows::BeforeForward),
    },
    Defect {
        name: "S2",
        breaks: "what changed waits for the commit",
        shows_in: &["I5", "I6"],
        scene: Scene::Windows(Windows::BeforeForward),
    },
    Defect {
        name: "S3",
        breaks: "an action that is sent again is not done again",
        shows_in: &["I2"],
        scene: Scene::Windows(Windows::BeforeReply),
    },
    Defect {
        name: "S4",
        breaks: "only the owner writes",
        shows_in: &["I1", "I5", "I6", "I9"],
        scene: Scene::OtherHands,
    },
    Defect {
        name: "S5",
        breaks: "an unknown outcome is looked up",
        shows_in: &["I1", "I5", "I6"],
        scene: Scene::OtherHands,
    },
    Defect {
        name: "S7",
        breaks: "what is acknowledged is on the disk",
        shows_in: &["I1", "I2", "I5", "I6", "I7"],
        scene: Scene::Windows(Windows::BeforeForward),
    },
    Defect {
        name: "S9",
        breaks: "an action and the note that it is done are one",
        shows_in: &["I2", "I4", "I7"],
        scene: Scene::Windows(Windows::BeforeForward),
    },
    Defect {
        name: "S10",
        breaks: "a flush is written whole or not at all",
        shows_in: &["I1", "I5", "I6"],
        scene: Scene::FailingStatement,
    },
    Defect {
        name: "S11",
        breaks: "a swap is one tick",
        shows_in: &["I8"],
        scene: Scene::Windows(Windows::BeforeForward),
    },
    Defect {
        name: "S13:replies",
        breaks: "long answers wait for the commit",
        shows_in: &["I5"],
        scene: Scene::EarlyReply,
    },
    Defect {
        name: "S13:refusals",
        breaks: "the world's refusals wait for the commit",
        shows_in: &["I6"],
        scene: Scene::EarlyRefusal,
    },
    Defect {
        name: "S13:welcome",
        breaks: "Welcome waits for the commit",
        shows_in: &["I6"],
        scene: Scene::EarlyWelcome,
    },
    Defect { name: "S14", breaks: "no action is passed over", shows_in: &["I2"], scene: Scene::Overtaken },
];

/// The names of the defects that a binary knows. It tells them to whoever asks for one that does not exist.
///
/// # Errors
/// Where there is no such binary, or it was not built to have defects.
pub fn known_to(name: &str) -> Result<Vec<String>> {
    let output = Command::new(binary(name)?).arg("build-id").env(VARIABLE, "?").output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let (_, list) = said.split_once("there are ").with_context(|| {
        format!("{name} was not built to have defects: build it with the feature sabotage")
    })?;
    Ok(list.trim().split(", ").map(str::to_owned).collect())
}
