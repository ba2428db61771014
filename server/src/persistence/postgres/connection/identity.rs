//! Which PostgreSQL it is: the cluster's number, and how often its history has branched.
//!
//! A failover to a replica keeps the number and begins a new timeline; a restored dump is another cluster. Both may have
//! lost nothing: what decides is the world's row. So a change is told, and only a tick that went backwards is refused.

use std::fmt;

use holdfast_protocol::WorldId;
use sqlx::{PgConnection, Row as _};

/// What is known of a server. Some that others run do not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The cluster's number, which `initdb` has drawn.
    pub(crate) system: Option<String>,
    /// Which branch of its history is being written.
    pub(crate) timeline: Option<i64>,
}

impl Identity {
    /// Asks the server. What it does not tell stays unknown.
    pub(crate) async fn read(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let system = "SELECT system_identifier::text FROM pg_control_system()";
        // The timeline of the file that is being written. That of the last checkpoint lags behind a promotion.
        let file = "SELECT pg_walfile_name(pg_current_wal_insert_lsn())";
        Ok(Self {
            system: told(sqlx::query_scalar(system).fetch_one(&mut *connection).await)?,
            timeline: told(sqlx::query_scalar(file).fetch_one(&mut *connection).await)?
                .as_deref()
                .and_then(timeline_of),
        })
    }

    /// Whether what is known of both differs.
    pub(crate) fn differs_from(&self, other: &Self) -> bool {
        fn differ<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
            one.zip(other).is_some_and(|(one, other)| one != other)
        }
        differ(self.system.as_ref(), other.system.as_ref())
            || differ(self.timeline.as_ref(), other.timeline.as_ref())
    }

    /// Remembers, for the next start, that the world is kept by this server, and says which one kept it last.
    pub(crate) async fn remember(
        &self,
        connection: &mut PgConnection,
        world: WorldId,
    ) -> Result<Option<Self>, sqlx::Error> {
        let row = sqlx::query("SELECT system_identifier, timeline FROM holdfast.note_store($1, $2, $3)")
            .bind(world.0.cast_signed())
            .bind(self.system.as_deref())
            .bind(self.timeline)
            .fetch_optional(connection)
            .await?;
        row.map(|row| Ok(Self { system: row.try_get(0)?, timeline: row.try_get(1)? })).transpose()
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.system {
            Some(system) => write!(f, "system {system}")?,
            None => f.write_str("a system that does not tell its number")?,
        }
        match self.timeline {
            Some(timeline) => write!(f, ", timeline {timeline}"),
            None => f.write_str(", timeline unknown"),
        }
    }
}

/// An answer that PostgreSQL refuses, or that a look-alike does not have, is none.
fn told(answer: Result<String, sqlx::Error>) -> Result<Option<String>, sqlx::Error> {
    match answer {
        Ok(text) => Ok(Some(text)),
        Err(sqlx::Error::Database(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The first eight hexadecimal digits of the name of a file of the write-ahead log.
fn timeline_of(file: &str) -> Option<i64> {
    u32::from_str_radix(file.get(..8)?, 16).ok().map(i64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(system: &str, timeline: i64) -> Identity {
        Identity { system: Some(system.to_owned()), timeline: Some(timeline) }
    }

    #[test]
    fn only_what_is_known_of_both_can_differ() {
        assert!(!known("7", 1).differs_from(&known("7", 1)));
        assert!(known("7", 1).differs_from(&known("7", 2)) && known("7", 1).differs_from(&known("8", 1)));
        assert!(!known("7", 1).differs_from(&Identity::default()));
        assert_eq!(
            Identity::default().to_string(),
            "a system that does not tell its number, timeline unknown"
        );
    }

    #[test]
    fn a_file_of_the_log_tells_its_timeline() {
        assert_eq!(timeline_of("0000001A0000000000000001"), Some(26));
        assert_eq!(timeline_of("file"), None);
        assert_eq!(timeline_of("not a log file"), None);
    }
}
