//! Somebody is told something while the flush that makes it true is held; then server and PostgreSQL are killed, and it
//! never becomes true.
//!
//! Without a defect nobody is told anything: what is waited for in vain is what the gate holds back.

use std::time::Duration;

use anyhow::{Context as _, Result};
use holdfast_checker::Findings;
use holdfast_client::ClientEvent;
use holdfast_devstack::proxy::{FlushPlan, Hold, Window};
use tokio::time::timeout;

use super::puppet::Puppet;
use super::scene::Setting;
use super::stand::{Stand, entry};

/// For how long a flush is held: longer than anything here takes, so that it ends with a kill.
const HOLD: Hold = Hold { window: Window::BeforeForward, duration: Duration::from_secs(30) };

/// How long a flush may take to come by.
const FLUSH_WAIT: Duration = Duration::from_secs(5);

/// How long is waited for what must not come: a few ticks.
const EARLY_WAIT: Duration = Duration::from_millis(400);

/// How long answers may take where nothing is held.
const ANSWER_WAIT: Duration = Duration::from_secs(10);

/// How long a lost connection takes to be known to the world, and that to be written.
const PARTED_WAIT: Duration = Duration::from_millis(300);

/// One appends, and the flush is held; another reads the tape.
pub(super) async fn reply(setting: &Setting<'_>) -> Result<Findings> {
    let (mut stand, mut puppets) = Stand::raise(setting.stack().proxied(), 2, setting.seed).await?;
    let address = stand.stack.server.ws_url();
    enter_all(&mut puppets, &address).await?;
    let [writer, reader] = puppets.as_mut_slice() else { anyhow::bail!("there are two players") };
    let tape = writer.tape()?;
    writer.append(tape, entry(1))?;
    hold_from(&stand, async { writer.say_all().await }).await?;
    reader.read(tape)?;
    reader.listen(EARLY_WAIT, |event| matches!(event, ClientEvent::Reply(_))).await?;
    stand.kill_both().await?;
    // Before the writer comes back and sends again what was lost, the tape begins with something else.
    reader.enter(&address).await?;
    reader.append(tape, entry(2))?;
    reader.settle(ANSWER_WAIT).await?;
    writer.disconnect();
    stand.check(puppets, &address).await
}

/// One acts three times, and the second message is lost on the way: the third is refused with the number that the world
/// expects, which tells that the first is decided.
pub(super) async fn refusal(setting: &Setting<'_>) -> Result<Findings> {
    let (mut stand, mut puppets) = Stand::raise(setting.stack().proxied(), 1, setting.seed).await?;
    let address = stand.stack.server.ws_url();
    enter_all(&mut puppets, &address).await?;
    let [player] = puppets.as_mut_slice() else { anyhow::bail!("there is one player") };
    let tape = player.tape()?;
    for number in 1..=3 {
        player.append(tape, entry(number))?;
    }
    let messages = player.take_actions();
    hold_from(&stand, async {
        for message in messages.into_iter().step_by(2) {
            player.say(message).await?;
        }
        Ok(())
    })
    .await?;
    player.listen(EARLY_WAIT, |event| matches!(event, ClientEvent::Refused(_))).await?;
    stand.kill_both().await?;
    player.disconnect();
    stand.check(puppets, &address).await
}

/// One loses its connection and comes back, and the flush that attaches it again is held.
pub(super) async fn welcome(setting: &Setting<'_>) -> Result<Findings> {
    let (mut stand, mut puppets) = Stand::raise(setting.stack().proxied(), 1, setting.seed).await?;
    let address = stand.stack.server.ws_url();
    enter_all(&mut puppets, &address).await?;
    let [player] = puppets.as_mut_slice() else { anyhow::bail!("there is one player") };
    player.disconnect();
    tokio::time::sleep(PARTED_WAIT).await;
    hold_from(&stand, player.greet(&address)).await?;
    player.listen(EARLY_WAIT, |event| matches!(event, ClientEvent::Welcomed(_))).await?;
    stand.kill_both().await?;
    player.disconnect();
    stand.check(puppets, &address).await
}

async fn enter_all(puppets: &mut [Puppet], address: &str) -> Result<()> {
    for puppet in puppets {
        puppet.enter(address).await?;
    }
    Ok(())
}

/// Does something, and returns when a flush is held: all flushes are from then on. The world goes on for three ticks.
async fn hold_from(stand: &Stand, deed: impl Future<Output = Result<()>>) -> Result<()> {
    let proxy = stand.stack.proxy()?;
    both(FLUSH_WAIT, proxy.next_window(), async {
        proxy.set_plan(FlushPlan::Hold(HOLD));
        deed.await
    })
    .await
}

/// Waits for the window and for the deed. A deed that fails brings no flush about, and one that succeeds may not either.
async fn both(
    wait: Duration,
    window: impl Future<Output = Hold>,
    deed: impl Future<Output = Result<()>>,
) -> Result<()> {
    let window = async { timeout(wait, window).await.context("no flush came by") };
    tokio::try_join!(window, deed)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test]
    async fn a_deed_that_fails_or_brings_no_flush_about_ends_the_round() {
        let failed =
            both(Duration::MAX, pending(), ready(Err(anyhow::anyhow!("no way in")))).await.unwrap_err();
        assert_eq!(failed.to_string(), "no way in");
        let in_vain = both(Duration::ZERO, pending(), ready(Ok(()))).await.unwrap_err();
        assert_eq!(in_vain.to_string(), "no flush came by");
        both(FLUSH_WAIT, ready(HOLD), ready(Ok(()))).await.unwrap();
    }
}
