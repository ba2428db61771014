//! Of two actions of one client the second arrives first.

use std::time::Duration;

use anyhow::Result;
use holdfast_checker::Findings;

use super::scene::Setting;
use super::stand::{Stand, entry};

/// How long answers may take.
const ANSWER_WAIT: Duration = Duration::from_secs(10);

/// Without a defect the second is refused until the first is done.
pub(super) async fn play(setting: &Setting<'_>) -> Result<Findings> {
    let (stand, mut puppets) = Stand::raise(setting.stack(), 1, setting.seed).await?;
    let address = stand.stack.server.ws_url();
    let [player] = puppets.as_mut_slice() else { anyhow::bail!("there is one player") };
    player.enter(&address).await?;
    let tape = player.tape()?;
    player.append(tape, entry(1))?;
    player.append(tape, entry(2))?;
    for message in player.take_actions().into_iter().rev() {
        player.say(message).await?;
    }
    player.settle(ANSWER_WAIT).await?;
    stand.check(puppets, &address).await
}
