//! `swarm sabotage`: servers with deliberate defects, real processes and real faults, until the checker notices each.
//!
//! A checker that finds nothing proves nothing. So each [`Defect`] of the sabotaged server is hunted in the [`Scene`] in
//! which it can show, round by round, until an invariant is broken that it breaks, or a bound is reached; and a server
//! without a defect goes through the same scenes, in which nothing may be found.
//!
//! Two kinds of scenes: [`crowded`], in which bots play and torture strikes anywhere; and those that are played by hand,
//! by a few [`puppet`]s upon a [`stand`], where it takes a certain instant: [`held_flush`], [`other_hands`] (with its
//! [`courier`]), [`failing_statement`] and [`overtaken`].

mod catch;
mod courier;
mod crowded;
mod defect;
mod failing_statement;
mod held_flush;
mod other_hands;
mod overtaken;
mod puppet;
mod report;
mod scene;
mod stand;

use std::time::Instant;

use anyhow::{Result, ensure};

pub use catch::Catch;
pub use defect::{DEFECTS, Defect, known_to};
pub use report::{Row, SabotageReport};
pub use scene::Scene;

use scene::Setting;

/// How many faults a defect may outlive before it counts as overlooked.
pub const FAULTS_MAX: usize = 30;

/// How often a server without a defect goes through each scene.
pub const CONTROL_ROUNDS: u64 = 2;

/// What is to be run.
#[derive(Clone, Debug)]
pub struct SabotageOptions {
    /// The server's binary, which can have defects; it must have been built.
    pub binary: String,
    /// The defects by their names; all of them where it is empty.
    pub only: Vec<String>,
    /// What makes two runs alike, as far as real processes allow.
    pub seed: u64,
}

/// Hunts each defect, and then goes through the same scenes without one.
///
/// # Errors
/// Where a name is no defect's, or the binary knows of defects that this program does not, or the other way round.
pub async fn run(options: &SabotageOptions, mut progress: impl FnMut(&str)) -> Result<SabotageReport> {
    let known = known_to(&options.binary)?;
    let names: Vec<_> = DEFECTS.iter().map(|defect| defect.name).collect();
    ensure!(
        known == names,
        "{} has the defects {known:?}, and scenes are known for {names:?}",
        options.binary
    );
    if let Some(stranger) = options.only.iter().find(|name| !names.contains(&name.as_str())) {
        anyhow::bail!("there is no sabotage {stranger:?}; there are {}", names.join(", "));
    }
    let is_asked_for =
        |defect: &&Defect| options.only.is_empty() || options.only.iter().any(|name| name == defect.name);
    let mut report = SabotageReport { seed: options.seed, ..SabotageReport::default() };
    let mut scenes = Vec::new();
    for defect in DEFECTS.iter().filter(is_asked_for) {
        progress(&format!("{}: {}", defect.name, defect.scene));
        let row = hunt(options, Some(defect), defect.scene, &mut progress).await;
        progress(&row.in_short());
        report.rows.push(row);
        if !scenes.contains(&defect.scene) {
            scenes.push(defect.scene);
        }
    }
    for scene in scenes {
        progress(&format!("no defect: {scene}"));
        let row = hunt(options, None, scene, &mut progress).await;
        progress(&row.in_short());
        report.control.push(row);
    }
    Ok(report)
}

/// Plays a scene until the defect is noticed, or often enough. A round that could not be played to its end has found
/// nothing, and is told.
async fn hunt(
    options: &SabotageOptions,
    defect: Option<&'static Defect>,
    scene: Scene,
    progress: &mut impl FnMut(&str),
) -> Row {
    let began = Instant::now();
    let mut row = Row::new(defect, scene);
    for round in 0.. {
        let is_over = if defect.is_some() { row.fault_count >= FAULTS_MAX } else { round >= CONTROL_ROUNDS };
        if is_over || row.catch.is_some() {
            break;
        }
        let setting = Setting {
            binary: &options.binary,
            defect: defect.map(|defect| defect.name),
            seed: options.seed.wrapping_mul(1_000).wrapping_add(round),
        };
        row.fault_count += scene.faults_a_round();
        match scene.play(&setting, progress).await {
            Ok(findings) => {
                row.catch = Catch::among(&findings, defect);
                if row.catch.is_none() && !findings.hold() {
                    progress(&format!(
                        "round {round}: broken, but no sign of it: {}",
                        findings.broken().join(", ")
                    ));
                }
            }
            Err(error) => {
                progress(&format!("round {round} came to no end: {error:#}"));
                row.unfinished.push(format!("{error:#}"));
            }
        }
    }
    row.took = began.elapsed();
    row
}
