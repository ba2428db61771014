//! What a scene by hand is played upon: a stack, a few puppets, and a trial of what they are told.

use std::time::Duration;

use anyhow::{Result, bail};
use holdfast_checker::Findings;
use holdfast_devstack::{Stack, StackOptions};

use super::puppet::Puppet;
use crate::crowd::Crowd;
use crate::stage::Stage;
use crate::trial::Trial;
use crate::world::World;

/// How long a player may take for an answer when nothing disturbs any more.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(10);

/// The first entry of those that players append when the scene is over.
const LAST_ENTRIES: u64 = 1_000;

/// An entry of a scene: no other number of a flush happens to be the same eight bytes.
pub(super) fn entry(number: u64) -> u64 {
    0x5ab0_7a6e_0000_0000 + number
}

/// A stack, and what is written down about it.
pub(super) struct Stand {
    pub(super) stack: Box<Stack>,
    trial: Trial,
}

impl Stand {
    /// Starts the stack, and makes so many players. None of them is in the world yet.
    pub(super) async fn raise(
        options: StackOptions,
        players: usize,
        seed: u64,
    ) -> Result<(Self, Vec<Puppet>)> {
        let stage = Stage::start(options).await?;
        let hellos = Crowd::gather(&stage, World::Ledger, players, seed).await?.into_first_words();
        let Stage::Own(stack) = stage else { bail!("a scene needs a stack of its own") };
        let trial = Trial::begin(World::Ledger, &stack).await?;
        let puppets = hellos.into_iter().map(|hello| Puppet::new(hello, &trial.recorder, seed)).collect();
        Ok((Self { stack, trial }, puppets))
    }

    /// Kills server and PostgreSQL with what is held between them, and starts both again.
    pub(super) async fn kill_both(&mut self) -> Result<()> {
        self.stack.server.kill9();
        self.stack.postgres.kill_group();
        self.stack.proxy()?.release();
        self.stack.postgres.start_again().await?;
        self.stack.server.restart().await
    }

    /// The scene is over: everybody comes to `address`, hears the answers that are out, and does something fresh. Then
    /// the checker compares what they were told with what is stored.
    pub(super) async fn check(self, mut puppets: Vec<Puppet>, address: &str) -> Result<Findings> {
        for puppet in &mut puppets {
            if !puppet.is_connected() {
                puppet.enter(address).await?;
            }
            puppet.settle(ANSWER_WAIT_MAX).await?;
        }
        self.trial.recorder.history().faults_are_over();
        for (puppet, number) in puppets.iter_mut().zip(LAST_ENTRIES..) {
            // Whoever was thrown out on the way is missed by the checker.
            if puppet.is_connected() {
                puppet.append(puppet.tape()?, entry(number))?;
                puppet.settle(ANSWER_WAIT_MAX).await?;
            }
        }
        self.trial.check().await
    }
}
