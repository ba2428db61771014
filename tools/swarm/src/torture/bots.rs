//! The bots of a torture: each does one thing after the other, whatever becomes of the world.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use holdfast_client::ClientCore;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::crowd::Bot;
use crate::world::World;
use holdfast_checker::Recorder;

/// How many actions a bot keeps under way. More than one, so that a fault hits a queue; few, so that every bot has some
/// of its actions between two faults.
const UNDER_WAY_MAX: usize = 6;

/// Bots at play.
pub(super) struct Playing {
    stop: Arc<AtomicBool>,
    bots: JoinSet<Bot>,
}

/// Lets the bots play until they are told to stop.
pub(super) fn play(bots: Vec<Bot>, world: World, recorder: &Recorder, seed: u64) -> Playing {
    let stop = Arc::new(AtomicBool::new(false));
    let entries = Arc::new(AtomicU64::new(1));
    let mut playing = JoinSet::new();
    for bot in bots {
        let (stop, entries, recorder) = (Arc::clone(&stop), Arc::clone(&entries), recorder.clone());
        let mut rng = StdRng::seed_from_u64(seed ^ bot.character.0.rotate_left(32));
        playing.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                if bot.client.core(ClientCore::unanswered_count) < UNDER_WAY_MAX {
                    act(&bot, world, &recorder, &entries, &mut rng);
                }
                sleep(Duration::from_millis(rng.random_range(20..120))).await;
            }
            bot
        });
    }
    Playing { stop, bots: playing }
}

fn act(bot: &Bot, world: World, recorder: &Recorder, entries: &AtomicU64, rng: &mut StdRng) {
    let entry = entries.fetch_add(1, Ordering::Relaxed);
    let action = bot.client.view(|copy| world.next_action(bot.character, copy, entry, rng));
    let invoked = recorder.history().stamp();
    // There is room, and the bot has been welcomed once; a refusal would only mean one action fewer.
    if let Ok(name) = bot.client.act_bytes(action.bytes) {
        recorder.history().invoke(bot.character, name, action.meaning, invoked);
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

/// Waits for the answers that are still out. Returns how many bots did not get all of theirs.
pub(super) async fn last_answers(bots: &[Bot], wait: Duration) -> usize {
    let deadline = Instant::now() + wait;
    let mut stuck = 0;
    for bot in bots {
        if !bot.client.wait_settled(deadline.saturating_duration_since(Instant::now())).await {
            stuck += 1;
        }
    }
    stuck
}
