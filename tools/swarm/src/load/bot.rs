//! One bot of a load: acts when its schedule says so.

use std::sync::Arc;
use std::time::Duration;

use holdfast_client::CannotAct;
use rand::rngs::StdRng;
use tokio::time::{Instant, sleep, sleep_until};

use super::measure::Measure;
use crate::crowd::Bot;
use crate::world::{Appends, World};

/// How soon an action is tried again for which there was no room.
const NO_ROOM_WAIT: Duration = Duration::from_millis(10);

/// When a bot acts.
pub(super) struct Schedule {
    pub(super) interval: Duration,
    pub(super) first: Instant,
    pub(super) end: Instant,
}

/// Plays until the schedule ends. An action for which the client has no room (64 are without an answer) stays due:
/// later ones queue behind it, each with its own intended time.
pub(super) async fn play(
    bot: Bot,
    world: World,
    schedule: Schedule,
    measure: Arc<Measure>,
    mut rng: StdRng,
) -> Bot {
    let mut due = schedule.first;
    while due < schedule.end {
        sleep_until(due).await;
        let entry = measure.next_entry();
        let action =
            bot.client.view(|copy| world.next_action(bot.character, copy, entry, Appends::FREELY, &mut rng));
        if let Some(mark) = action.mark {
            measure.expect(mark, due);
        }
        loop {
            let now = Instant::now();
            match bot.client.act_bytes(action.bytes.clone()) {
                Ok(name) => {
                    measure.sent(bot.character, name, action.mark, due, now);
                    break;
                }
                Err(CannotAct::Full | CannotAct::NotWelcomed) if now < schedule.end => {
                    sleep(NO_ROOM_WAIT).await;
                }
                Err(_) => {
                    measure.unsent();
                    break;
                }
            }
        }
        due += schedule.interval;
    }
    bot
}
