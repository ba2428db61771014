//! A bot with a whole client, which sees what its neighbours do. Few are, since a whole client costs as much as dozens of
//! light ones.

use std::time::Duration;

use holdfast_client::{CannotAct, Client, ClientCore};
use tokio::time::{Instant, sleep_until};

use super::player::Player;
use super::schedule::Schedule;
use crate::world::Bytes;

/// How soon an action is tried again for which there was no room.
pub(super) const NO_ROOM_WAIT: Duration = Duration::from_millis(10);

/// Plays until the schedule ends. An action for which the client has no room (64 are without an answer) stays due:
/// later ones queue behind it, each with its own intended time.
pub(super) async fn play(client: &Client<Bytes>, mut player: Player, mut schedule: Schedule) {
    let mut free_at = None;
    while let Some(due) = schedule.due() {
        sleep_until(due).await;
        let late = free_at.map_or(due, |free_at| due.max(free_at)).elapsed();
        let under_way = client.core(ClientCore::unanswered_count);
        let action = client.view(|copy| player.next_action(copy, under_way));
        player.measure.expect(schedule.pacing, action.mark, due, late);
        loop {
            let now = Instant::now();
            match client.act_bytes(action.bytes.clone()) {
                Ok(name) => {
                    let sent = player.sent(&action, schedule.pacing, due, now);
                    player.measure.sent(player.character, name, sent);
                    break;
                }
                Err(CannotAct::Full | CannotAct::NotWelcomed) if !schedule.is_over(now) => {
                    let again = now + NO_ROOM_WAIT;
                    sleep_until(again).await;
                    // What was due meanwhile queues behind this one, through no fault of the generator.
                    free_at = Some(again);
                }
                Err(_) => {
                    player.measure.unsent(schedule.pacing, due);
                    break;
                }
            }
        }
        schedule.done(Instant::now());
    }
}
