//! What a server looks at before it takes a world, beyond what every connection is asked.

use holdfast_protocol::WorldId;
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;
use tracing::warn;

use super::boot::BootError;
use super::candidate::answer;
use super::connection::identity::Identity;
use super::connection::{ConnectError, pooler};
use crate::persistence::rights;

/// Looks, with a second connection, whether what answers gives each session a backend of its own.
pub(super) async fn refuse_shared_backends(
    options: &PgConnectOptions,
    connection: &mut PgConnection,
) -> Result<(), ConnectError> {
    match pooler::shares_backends(options, connection).await {
        Ok(false) => Ok(()),
        Ok(true) => Err(ConnectError::Refused(pooler::SENTENCE.to_owned())),
        Err(error) => {
            warn!(%error, "could not look whether a connection pooler stands in between: no second connection was had");
            Ok(())
        }
    }
}

/// Looks whether all that a world needs was granted, before the first flush finds out.
pub(super) async fn refuse_lack_of_rights(connection: &mut PgConnection) -> Result<(), BootError> {
    let (role, found) = answer("look at our rights", rights::own_differences(connection)).await?;
    match rights::lack(&role, &found) {
        Some(text) => Err(ConnectError::Refused(text).into()),
        None => Ok(()),
    }
}

/// Remembers which PostgreSQL keeps the world, and says so where it was another one when the world was last taken.
pub(super) async fn note_identity(
    connection: &mut PgConnection,
    world: WorldId,
) -> Result<Identity, BootError> {
    let identity = answer("ask which PostgreSQL it is", Identity::read(connection)).await?;
    let before = answer("note which PostgreSQL it is", identity.remember(connection, world)).await?;
    if let Some(before) = before.filter(|before| identity.differs_from(before)) {
        warn!(
            %world, now = %identity, %before,
            "another PostgreSQL keeps the world than when it was last taken: if it was restored, or promoted before it had \
             everything, what is missing is lost"
        );
    }
    Ok(identity)
}
