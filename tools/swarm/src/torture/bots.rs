//! The bots of a torture: each does one thing after the other, whatever becomes of the world.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use holdfast_client::ClientCore;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::TortureOptions;
use super::pulse::Pulse;
use crate::crowd::Bot;
use crate::world::{Appends, World};
use holdfast_checker::Recorder;

/// How many actions a bot keeps under way. More than one, so that a fault hits a queue; few, so that every bot has some
/// of its actions between two faults.
const UNDER_WAY_MAX: usize = 6;

/// How many actions all bots do in a second, where they are enough for that: so many that every flush has some, so few
/// that what they write on lasts for hours.
const ACTIONS_PER_SECOND: u32 = 160;

/// The least time between two actions of one bot, on average: a server takes eight steps a second.
const BETWEEN_ACTIONS_MIN: Duration = Duration::from_millis(125);

/// In how many of 100 cases a bot appends.
const APPENDS_PERCENT: u32 = 15;

/// How much of the tapes may be used before its time, in a thousand: at the start there is to be something on them.
const APPENDS_AHEAD_PERMILLE: u32 = 100;

/// How fast bots act, and how much of what they use up they may have used by now.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    between_actions: Duration,
    /// How much of the tapes may be full, in a thousand.
    full_permille: Arc<AtomicU32>,
}

impl Pace {
    /// For so many bots.
    pub(super) fn new(bots: usize) -> Self {
        let bots = u32::try_from(bots).unwrap_or(u32::MAX);
        let between_actions = Duration::from_secs(1) * bots / ACTIONS_PER_SECOND;
        Self {
            between_actions: between_actions.max(BETWEEN_ACTIONS_MIN),
            full_permille: Arc::new(AtomicU32::new(APPENDS_AHEAD_PERMILLE)),
        }
    }

    /// So much of the run is over, from 0 to 1: as much of the tapes may be full, and a little more. So bots append to
    /// the end of a run, however long it is.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1,000")]
    pub(super) fn set_share_done(&self, share: f64) {
        let permille = (share.clamp(0.0, 1.0) * 1_000.0) as u32 + APPENDS_AHEAD_PERMILLE;
        self.full_permille.store(permille.min(1_000), Ordering::Relaxed);
    }

    fn appends(&self) -> Appends {
        Appends { percent: APPENDS_PERCENT, full_permille: self.full_permille.load(Ordering::Relaxed) }
    }
}

/// Bots at play.
pub(super) struct Playing {
    stop: Arc<AtomicBool>,
    bots: JoinSet<Bot>,
}

/// What a bot plays with.
#[derive(Clone)]
struct Play {
    world: World,
    recorder: Recorder,
    pulse: Pulse,
    pace: Pace,
    /// The number that the next entry on a tape bears.
    entries: Arc<AtomicU64>,
}

/// Lets the bots play until they are told to stop.
pub(super) fn play(
    bots: Vec<Bot>,
    options: &TortureOptions,
    recorder: &Recorder,
    pulse: &Pulse,
    pace: &Pace,
) -> Playing {
    let stop = Arc::new(AtomicBool::new(false));
    let play = Play {
        world: options.world,
        recorder: recorder.clone(),
        pulse: pulse.clone(),
        pace: pace.clone(),
        entries: Arc::new(AtomicU64::new(1)),
    };
    let mut playing = JoinSet::new();
    for bot in bots {
        let (stop, play) = (Arc::clone(&stop), play.clone());
        let mut rng = StdRng::seed_from_u64(options.seed ^ bot.character.0.rotate_left(32));
        playing.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                if bot.client.core(ClientCore::unanswered_count) < UNDER_WAY_MAX {
                    play.act(&bot, &mut rng);
                }
                sleep(play.pace.between_actions.mul_f64(rng.random_range(0.5..1.5))).await;
            }
            bot
        });
    }
    Playing { stop, bots: playing }
}

impl Play {
    fn act(&self, bot: &Bot, rng: &mut StdRng) {
        let entry = self.entries.fetch_add(1, Ordering::Relaxed);
        let appends = self.pace.appends();
        let action = bot.client.view(|copy| self.world.next_action(bot.character, copy, entry, appends, rng));
        let (invoked, at) = (self.recorder.history().stamp(), Instant::now());
        // There is room, and the bot has been welcomed once; a refusal would only mean one action fewer.
        if let Ok(name) = bot.client.act_bytes(action.bytes) {
            self.pulse.does(bot.character, name, at);
            self.recorder.history().invoke(bot.character, name, action.meaning, invoked);
        }
    }
}

impl Playing {
    /// Tells the bots to stop, and hands them back with what they have no answer to yet.
    pub(super) async fn stop(mut self) -> Result<Vec<Bot>> {
        self.stop.store(true, Ordering::Relaxed);
        let mut bots = Vec::new();
        while let Some(bot) = self.bots.join_next().await {
            bots.push(bot?);
        }
        Ok(bots)
    }
}
