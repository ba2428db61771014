//! The scenes in which defects show.

use std::fmt;

use anyhow::Result;
use holdfast_checker::Findings;
use holdfast_devstack::StackOptions;

use super::defect::VARIABLE;
use super::{crowded, failing_statement, held_flush, other_hands, overtaken};
use crate::torture::Windows;

/// What is done to a world in one round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// Bots play, and server and PostgreSQL are killed together inside such windows of a flush.
    Windows(Windows),
    /// A flush stays in other hands than its owner's until another server owns the world, and arrives then.
    OtherHands,
    /// One statement of each flush fails for a while, and then the server is killed.
    FailingStatement,
    /// Somebody reads what a held flush has not written yet; then server and PostgreSQL are killed.
    EarlyReply,
    /// A client whose message was lost is refused what follows it while the flush is held; then both are killed.
    EarlyRefusal,
    /// A client comes back while the flush that attaches it is held; then both are killed.
    EarlyWelcome,
    /// Of two actions of one client the second arrives first.
    Overtaken,
}

/// What a round is played with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting<'a> {
    pub(super) binary: &'a str,
    pub(super) defect: Option<&'static str>,
    pub(super) seed: u64,
}

impl Setting<'_> {
    /// The variables of the servers' environment.
    pub(super) fn environment(&self) -> Vec<(String, String)> {
        self.defect.iter().map(|name| (VARIABLE.to_owned(), (*name).to_owned())).collect()
    }

    /// A stack of such servers.
    pub(super) fn stack(&self) -> StackOptions {
        let mut options = StackOptions::new(self.binary);
        options.environment = self.environment();
        options
    }
}

impl Scene {
    /// With how many faults a round strikes.
    #[must_use]
    pub fn faults_a_round(self) -> usize {
        match self {
            Self::Windows(_) => crowded::KILLS_A_ROUND,
            _ => 1,
        }
    }

    /// One round, on a stack of its own.
    pub(super) async fn play(
        self,
        setting: &Setting<'_>,
        progress: &mut impl FnMut(&str),
    ) -> Result<Findings> {
        match self {
            Self::Windows(windows) => crowded::play(windows, setting, progress).await,
            Self::OtherHands => other_hands::play(setting, progress).await,
            Self::FailingStatement => failing_statement::play(setting).await,
            Self::EarlyReply => held_flush::reply(setting).await,
            Self::EarlyRefusal => held_flush::refusal(setting).await,
            Self::EarlyWelcome => held_flush::welcome(setting).await,
            Self::Overtaken => overtaken::play(setting).await,
        }
    }
}

impl fmt::Display for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Windows(Windows::Both) => "both killed inside a flush",
            Self::Windows(Windows::BeforeForward) => "both killed before a flush is forwarded",
            Self::Windows(Windows::BeforeReply) => "both killed before the reply to a flush",
            Self::OtherHands => "a flush in other hands while the world is taken over",
            Self::FailingStatement => "a statement fails for a while, then a kill",
            Self::EarlyReply => "a reading while a flush is held, then both killed",
            Self::EarlyRefusal => "a gap in the numbers while a flush is held, then both killed",
            Self::EarlyWelcome => "a return while a flush is held, then both killed",
            Self::Overtaken => "a message overtakes the one before it",
        })
    }
}
