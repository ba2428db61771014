//! Bots that play at an even pace, and write down for the checker what they ask for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use holdfast_checker::Recorder;
use holdfast_client::{ClientCore, WorldCopy};
use holdfast_protocol::EntityId;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::crowd::Bot;
use crate::world::{Appends, BotAction, World};

/// How many actions a bot keeps under way. It goes on asking while it is cut off, up to these.
const UNDER_WAY_MAX: usize = 8;

/// What all players of a run share.
#[derive(Clone, Debug)]
pub(crate) struct Play {
    world: World,
    pub(crate) recorder: Recorder,
    entries: Arc<AtomicU64>,
    seed: u64,
}

/// Bots at play.
pub(crate) struct Players {
    pub(crate) bots: Vec<Arc<Bot>>,
    tasks: JoinSet<()>,
}

impl Play {
    /// Players of `world`, whose history `recorder` keeps.
    pub(crate) fn new(world: World, recorder: Recorder, seed: u64) -> Self {
        Self { world, recorder, entries: Arc::new(AtomicU64::new(1)), seed }
    }

    /// The dice of a character.
    pub(crate) fn dice(&self, character: EntityId) -> StdRng {
        StdRng::seed_from_u64(self.seed ^ character.0.rotate_left(32))
    }

    /// What the character `me` does next.
    pub(crate) fn next_action(&self, me: EntityId, copy: &WorldCopy, rng: &mut StdRng) -> BotAction {
        let entry = self.entries.fetch_add(1, Ordering::Relaxed);
        self.world.next_action(me, copy, entry, Appends::FREELY, rng)
    }

    /// Lets bots play, each one action in every `pace`, until they are stopped.
    pub(crate) fn begin(&self, bots: Vec<Bot>, pace: Duration) -> Players {
        let bots: Vec<_> = bots.into_iter().map(Arc::new).collect();
        let mut tasks = JoinSet::new();
        for bot in &bots {
            let (play, bot) = (self.clone(), Arc::clone(bot));
            let mut rng = play.dice(bot.character);
            let mut turn = interval_at(Instant::now() + pace.mul_f64(rng.random_range(0.0..1.0)), pace);
            turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
            tasks.spawn(async move {
                loop {
                    turn.tick().await;
                    play.act(&bot, &mut rng);
                }
            });
        }
        Players { bots, tasks }
    }

    fn act(&self, bot: &Bot, rng: &mut StdRng) {
        if bot.client.core(ClientCore::unanswered_count) >= UNDER_WAY_MAX {
            return;
        }
        let action = bot.client.view(|copy| self.next_action(bot.character, copy, rng));
        let invoked = self.recorder.history().stamp();
        // There is room, and the bot has been welcomed once; a refusal would only mean one action fewer.
        if let Ok(name) = bot.client.act_bytes(action.bytes) {
            self.recorder.history().invoke(bot.character, name, action.meaning, invoked);
        }
    }
}

impl Players {
    /// Stops them, and hands them back with what they have no answer to yet.
    pub(crate) async fn stop(mut self) -> Vec<Bot> {
        self.tasks.shutdown().await;
        self.bots.into_iter().filter_map(Arc::into_inner).collect()
    }
}
