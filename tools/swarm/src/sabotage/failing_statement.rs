//! For a while PostgreSQL fails every flush that touches a tape, as it may: with a code that says "try again". Then the
//! server is killed, so that only what was written is left.

use std::time::Duration;

use anyhow::{Context as _, Result};
use holdfast_checker::Findings;
use sqlx::{Connection as _, Executor as _, PgConnection};

use super::puppet::is_end;
use super::scene::Setting;
use super::stand::{Stand, entry};

/// For how long statements fail. The owner keeps its lease.
const FAILING: Duration = Duration::from_secs(1);

/// How long answers may take when they do not fail any more.
const ANSWER_WAIT: Duration = Duration::from_secs(10);

/// Only a superuser can do this to a server.
const BEGIN: &str = "
    CREATE FUNCTION public.fail_for_a_while() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = 'serialization_failure'; END $$;
    CREATE TRIGGER fail_for_a_while BEFORE INSERT OR UPDATE ON holdfast.tapes
        FOR EACH ROW EXECUTE FUNCTION public.fail_for_a_while()";

const END: &str = "DROP FUNCTION public.fail_for_a_while CASCADE";

/// Somebody appends while statements fail, and is answered when they do not any more.
pub(super) async fn play(setting: &Setting<'_>) -> Result<Findings> {
    let (mut stand, mut puppets) = Stand::raise(setting.stack(), 1, setting.seed).await?;
    let address = stand.stack.server.ws_url();
    let [player] = puppets.as_mut_slice() else { anyhow::bail!("there is one player") };
    player.enter(&address).await?;
    let mut database = PgConnection::connect(&stand.stack.database_url()).await?;
    database.execute(BEGIN).await.context("make statements fail")?;
    player.append(player.tape()?, entry(1))?;
    player.listen(FAILING, is_end).await?;
    database.execute(END).await.context("let statements succeed")?;
    database.close().await?;
    player.settle(ANSWER_WAIT).await?;
    stand.stack.server.restart().await?;
    player.disconnect();
    stand.check(puppets, &address).await
}
