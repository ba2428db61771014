//! A flush stays in other hands than its owner's until another server owns the world, and arrives then.
//!
//! The old owner hears nothing of its flush and is cut off, and its backend is ended by the one that takes over; when that
//! one is gone as well, the old owner finds the world free. A fence that is none lets the late flush overwrite what was done since;
//! an owner that sends again without a look takes the fence for a yes.

use std::time::Duration;

use anyhow::Result;
use holdfast_checker::Findings;
use holdfast_devstack::server::{WORLD, free_port};
use holdfast_devstack::stack::DATABASE;
use holdfast_devstack::{Role, Server, ServerOptions};

use super::courier::Courier;
use super::puppet::is_end;
use super::scene::Setting;
use super::stand::{Stand, entry};

/// How long a flush may take to come by.
const FLUSH_WAIT: Duration = Duration::from_secs(5);

/// How long answers may take.
const ANSWER_WAIT: Duration = Duration::from_secs(10);

/// How long the old owner may take to notice that the world is not its own any more, and end.
const END_WAIT: Duration = Duration::from_secs(5);

/// One round.
pub(super) async fn play(setting: &Setting<'_>, progress: &mut impl FnMut(&str)) -> Result<Findings> {
    let (mut stand, mut puppets) = Stand::raise(setting.stack(), 2, setting.seed).await?;
    let folder = stand.stack.postgres.folder();
    let courier = Courier::start(&folder.subfolder("courier")?, stand.stack.postgres.socket())?;
    let mut old = old_owner(&mut stand, &courier, setting).await?;
    let address = old.ws_url();
    let [loser, winner] = puppets.as_mut_slice() else { anyhow::bail!("there are two players") };

    loser.enter(&address).await?;
    let tape = loser.tape()?;
    courier.keep(entry(1));
    loser.append(tape, entry(1))?;
    loser.say_all().await?;
    courier.has_it(FLUSH_WAIT).await?;
    stand.stack.server.wait_until_ready().await?;
    winner.enter(&stand.stack.server.ws_url()).await?;
    winner.append(tape, entry(2))?;
    winner.settle(ANSWER_WAIT).await?;
    let delivery = courier.deliver().await?;
    progress(&format!("the flush that came too late: {delivery}"));

    stand.stack.server.kill9();
    winner.disconnect();
    // Only an owner that takes the world for its own still answers here.
    loser.listen(END_WAIT, is_end).await?;
    loser.disconnect();
    // Either it ends by itself or it is killed: what it would still do is not what this is about.
    let _ = old.wait_for_exit(END_WAIT).await;
    old.restart().await?;
    stand.check(puppets, &address).await
}

/// A server that reaches its database through the courier and owns the world; the stack's own one stands by.
async fn old_owner(stand: &mut Stand, courier: &Courier, setting: &Setting<'_>) -> Result<Server> {
    let options = ServerOptions {
        game: setting.binary.to_owned(),
        world: WORLD.to_owned(),
        database_url: courier.url(DATABASE),
        issuer_url: stand.stack.issuer.url().to_owned(),
        environment: setting.environment(),
        folder: stand.stack.postgres.folder().subfolder("old-owner")?,
    };
    let mut old = Server::start_standby_at(free_port()?, options).await?;
    stand.stack.server.kill9();
    old.wait_until_ready().await?;
    stand.stack.server.spawn()?;
    stand.stack.server.wait_until(Role::Standby).await?;
    Ok(old)
}
