//! What those feel who go on playing while others do not read: the time from an action to its verdict.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use holdfast_client::{ClientEvent, WorldCopy};
use holdfast_protocol::{ActionName, EntityId, encode};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval_at, sleep};
use village::action::{Say, Verb};

use super::PACE;
use crate::crowd::Bot;
use crate::times::Percentiles;
use crate::world::{Appends, World};

/// How many bytes all together say in a second: what each who listens is shown of it fills a small buffer in seconds.
const TALK_BYTES_PER_S: f64 = 24_000.0;

/// The longest text there may be, of letters of four bytes each.
const LONGEST: (&str, usize, f64) = ("\u{1f33f}", 280, 1_120.0);

/// The greatest share of a bot's actions that is talk: more would soon be too fast.
const TALK_SHARE_MAX: f64 = 0.5;

/// How often it is looked whether the last verdicts have come.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Times of verdicts, written by all who play.
#[derive(Clone, Debug, Default)]
pub(super) struct Latency(Arc<Mutex<Times>>);

#[derive(Debug, Default)]
struct Times {
    /// At most 64 for each bot.
    open: BTreeMap<(EntityId, u64, u32), Instant>,
    taken: Vec<Duration>,
}

/// Bots at play.
pub(super) struct Playing {
    stop: Arc<AtomicBool>,
    bots: JoinSet<Bot>,
}

impl Latency {
    fn times(&self) -> MutexGuard<'_, Times> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An observer of one bot.
    pub(super) fn observer(
        &self,
        character: EntityId,
    ) -> impl FnMut(&ClientEvent, &WorldCopy) + Send + 'static {
        let latency = self.clone();
        move |event, _| {
            if let ClientEvent::Verdict(verdict) = event {
                let mut times = latency.times();
                if let Some(asked) = times.open.remove(&key(character, verdict.action)) {
                    times.taken.push(asked.elapsed());
                }
            }
        }
    }

    /// What was measured since the beginning, or since this was asked last. What waits for its verdict has taken so long
    /// already, and goes on waiting: else the slowest would be missing, and a world that answers nobody would be fast.
    pub(super) fn take(&self) -> Percentiles {
        let mut times = self.times();
        let mut taken = std::mem::take(&mut times.taken);
        taken.extend(times.open.values().map(Instant::elapsed));
        Percentiles::of(taken)
    }

    /// Waits for the verdicts of those who have stopped, and says how many have not come.
    pub(super) async fn last_verdicts(&self, wait: Duration) -> usize {
        let deadline = Instant::now() + wait;
        loop {
            let open = self.times().open.len();
            if open == 0 || Instant::now() >= deadline {
                return open;
            }
            sleep(LOOK_EVERY).await;
        }
    }
}

fn key(character: EntityId, name: ActionName) -> (EntityId, u64, u32) {
    (character, name.seq.0, name.nonce.0)
}

/// Lets bots walk, and talk so much that all together fill the buffers of whoever does not read.
pub(super) fn play(bots: Vec<Bot>, latency: &Latency, seed: u64) -> Playing {
    let stop = Arc::new(AtomicBool::new(false));
    let count = f64::from(u32::try_from(bots.len()).unwrap_or(u32::MAX));
    let talk_share = (TALK_BYTES_PER_S * PACE.as_secs_f64() / (count * LONGEST.2)).min(TALK_SHARE_MAX);
    let mut playing = JoinSet::new();
    for bot in bots {
        let (stop, latency) = (Arc::clone(&stop), latency.clone());
        let mut rng = StdRng::seed_from_u64(seed ^ bot.character.0.rotate_left(32));
        let first = tokio::time::Instant::now() + PACE.mul_f64(rng.random_range(0.0..1.0));
        let mut turn = interval_at(first, PACE);
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        playing.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                turn.tick().await;
                act(&bot, &latency, talk_share, &mut rng);
            }
            bot
        });
    }
    Playing { stop, bots: playing }
}

fn act(bot: &Bot, latency: &Latency, talk_share: f64, rng: &mut StdRng) {
    let bytes = if rng.random_bool(talk_share) {
        encode(&Verb::Say(Say { text: LONGEST.0.repeat(LONGEST.1) }))
    } else {
        bot.client.view(|copy| World::Village.next_action(bot.character, copy, 0, Appends::FREELY, rng)).bytes
    };
    let asked = Instant::now();
    // Where there is no room for it, it is one action fewer.
    if let Ok(name) = bot.client.act_bytes(bytes) {
        latency.times().open.insert(key(bot.character, name), asked);
    }
}

impl Playing {
    /// Stops them, and hands them back.
    pub(super) async fn stop(mut self) -> Result<Vec<Bot>> {
        self.stop.store(true, Ordering::Relaxed);
        let mut bots = Vec::new();
        while let Some(bot) = self.bots.join_next().await {
            bots.push(bot?);
        }
        Ok(bots)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_protocol::{Code, Nonce, Seq, Verdict};

    #[tokio::test]
    async fn an_action_without_a_verdict_counts_with_the_time_that_it_has_waited() {
        let latency = Latency::default();
        let name = ActionName { seq: Seq(1), nonce: Nonce(7) };
        let mut saw = latency.observer(EntityId(1));
        let asked = Instant::now().checked_sub(Duration::from_millis(80)).unwrap();
        latency.times().open.insert(key(EntityId(1), name), asked);
        let waiting = latency.take();
        assert!(waiting.count == 1 && waiting.p50 >= 80.0, "{waiting:?}");
        assert_eq!(latency.last_verdicts(Duration::ZERO).await, 1);
        let verdict = ClientEvent::Verdict(Verdict { action: name, code: Code::ACCEPTED, detail: [0; 4] });
        saw(&verdict, &WorldCopy::new());
        saw(&verdict, &WorldCopy::new());
        let times = latency.take();
        assert!(times.count == 1 && times.p50 >= 80.0, "{times:?}");
        assert_eq!(latency.take().count, 0, "what has its verdict counts once more, and then no longer");
        assert_eq!(latency.last_verdicts(Duration::ZERO).await, 0);
    }
}
