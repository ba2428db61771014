//! What a PostgreSQL server says of itself and of our session, and what of it a world cannot live with.

use std::sync::Arc;

#[cfg(feature = "sabotage")]
use holdfast_front::sabotage::{Sabotage::S7, is_on};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

use super::{Backend, SESSION_SETTINGS, TCP_SETTINGS};

/// The oldest PostgreSQL that is supported.
const SERVER_VERSION_MIN: i32 = 15;

/// Whether PostgreSQL's own word is what makes a commit last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Durability {
    /// Why a server may run without `fsync` or `full_page_writes`: what below it keeps what was written, in the words of
    /// whoever answers for that.
    pub elsewhere: Option<Arc<str>>,
}

/// What a server says of itself.
#[derive(Clone, Debug)]
pub(crate) struct ServerFacts {
    pub(crate) version_num: i32,
    pub(crate) in_recovery: bool,
    pub(crate) read_only: String,
    pub(crate) fsync: String,
    pub(crate) synchronous_commit: String,
    pub(crate) full_page_writes: String,
    pub(crate) wal_sync_method: String,
    /// As which role we are there.
    pub(crate) role: String,
    pub(crate) over_tcp: bool,
    /// What became of our session's settings: in the order of [`SESSION_SETTINGS`], then of [`TCP_SETTINGS`].
    pub(crate) settings: Vec<String>,
    /// What serves our session.
    pub(crate) backend: Backend,
}

/// One round trip. What `synchronous_commit` is found to be it stays for this session, whatever is configured later.
const QUESTION: &str = "
    SELECT current_setting('server_version_num')::integer, pg_is_in_recovery(),
        current_setting('transaction_read_only'), current_setting('fsync'),
        set_config('synchronous_commit', current_setting('synchronous_commit'), false),
        current_setting('full_page_writes'), current_setting('wal_sync_method'),
        current_user::text, a.client_addr IS NOT NULL,
        ARRAY(SELECT current_setting(s.name) FROM unnest($1::text[]) WITH ORDINALITY AS s (name, place) ORDER BY s.place),
        a.pid, a.backend_start::text
    FROM pg_stat_activity AS a WHERE a.pid = pg_backend_pid()";

fn settings() -> impl Iterator<Item = (&'static str, &'static str)> {
    SESSION_SETTINGS.into_iter().chain(TCP_SETTINGS)
}

impl ServerFacts {
    /// Asks the server.
    pub(crate) async fn read(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let names: Vec<&str> = settings().map(|(name, _)| name).collect();
        let row: PgRow = sqlx::query(QUESTION).bind(names).fetch_one(connection).await?;
        Ok(Self {
            version_num: row.try_get(0)?,
            in_recovery: row.try_get(1)?,
            read_only: row.try_get(2)?,
            fsync: row.try_get(3)?,
            synchronous_commit: row.try_get(4)?,
            full_page_writes: row.try_get(5)?,
            wal_sync_method: row.try_get(6)?,
            role: row.try_get(7)?,
            over_tcp: row.try_get(8)?,
            settings: row.try_get(9)?,
            backend: Backend { pid: row.try_get(10)?, started: row.try_get(11)? },
        })
    }

    /// As in 15.8.
    pub(crate) fn version(&self) -> String {
        format!("{}.{}", self.version_num / 10_000, self.version_num % 10_000)
    }

    /// One sentence on the first thing that does not do.
    pub(crate) fn check(&self, durability: &Durability) -> Result<(), String> {
        match self.faults(durability).into_iter().next() {
            Some(text) => Err(text),
            None => Ok(()),
        }
    }

    /// The same, of what a commit depends on alone.
    pub(crate) fn check_commits(&self) -> Result<(), String> {
        match self.place_faults().chain(self.commit_fault()).next() {
            Some(text) => Err(text),
            None => Ok(()),
        }
    }

    /// A sentence on each thing that does not do.
    pub(crate) fn faults(&self, durability: &Durability) -> Vec<String> {
        let version = self.version_num / 10_000;
        let old = (version < SERVER_VERSION_MIN).then(|| {
            format!("PostgreSQL {SERVER_VERSION_MIN} or newer is needed; this one is {}.", self.version())
        });
        let durable_here = durability.elsewhere.is_none();
        let elsewhere = "or, where what is below PostgreSQL keeps what was written, say so in \
                         HOLDFAST_DURABILITY_ELSEWHERE";
        let fsync = (durable_here && self.fsync != "on").then(|| {
            format!("A power failure would lose what was acknowledged: set fsync = on, {elsewhere}.")
        });
        let pages = (durable_here && self.full_page_writes != "on")
            .then(|| format!("A power failure could tear pages: set full_page_writes = on, {elsewhere}."));
        let lost = self.lost_settings(&SESSION_SETTINGS, 0).next().map(|(name, wanted, found)| {
            format!(
                "Our session asked for {name} = {wanted} and has {found}: something between this machine and PostgreSQL \
                 loses a session's settings. Connect to PostgreSQL itself, not through a connection pooler."
            )
        });
        old.into_iter()
            .chain(self.place_faults())
            .chain(fsync)
            .chain(self.commit_fault())
            .chain(pages)
            .chain(lost)
            .collect()
    }

    /// A sentence on each thing that does, and yet should be known.
    pub(crate) fn doubts(&self, durability: &Durability) -> Vec<String> {
        let lost = self.over_tcp.then(|| self.lost_settings(&TCP_SETTINGS, SESSION_SETTINGS.len()));
        let lost = lost.into_iter().flatten().map(|(name, wanted, found)| {
            format!(
                "Our session asked for {name} = {wanted} and has {found}: a way to PostgreSQL that is lost is noticed late."
            )
        });
        let elsewhere = durability.elsewhere.as_ref().map(|reason| {
            format!(
                "fsync is {} and full_page_writes is {}; that commits last is taken from HOLDFAST_DURABILITY_ELSEWHERE: \
                 {reason}",
                self.fsync, self.full_page_writes
            )
        });
        lost.chain(elsewhere).collect()
    }

    fn place_faults(&self) -> impl Iterator<Item = String> {
        let replica = self
            .in_recovery
            .then(|| "This PostgreSQL is a replica, or still recovering; connect to the primary.".to_owned());
        let read_only = (!self.in_recovery && self.read_only != "off")
            .then(|| "This PostgreSQL is read-only: set default_transaction_read_only = off.".to_owned());
        replica.into_iter().chain(read_only)
    }

    fn commit_fault(&self) -> Option<String> {
        let found = &self.synchronous_commit;
        let waits = matches!(found.as_str(), "on" | "remote_write" | "remote_apply");
        #[cfg(feature = "sabotage")]
        let waits = waits || is_on(S7);
        (!waits).then(|| {
            format!("A crash could lose what was acknowledged: synchronous_commit is {found}, set it to on.")
        })
    }

    fn lost_settings(
        &self,
        asked: &'static [(&'static str, &'static str)],
        begin: usize,
    ) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
        let found = self.settings.iter().skip(begin).map(String::as_str);
        asked
            .iter()
            .zip(found)
            .filter(|((_, wanted), found)| wanted != found)
            .map(|(&(name, wanted), found)| (name, wanted, found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit() -> ServerFacts {
        ServerFacts {
            version_num: 150_008,
            in_recovery: false,
            read_only: "off".into(),
            fsync: "on".into(),
            synchronous_commit: "on".into(),
            full_page_writes: "on".into(),
            wal_sync_method: "fdatasync".into(),
            role: "server".into(),
            over_tcp: false,
            settings: settings().map(|(_, value)| value.to_owned()).collect(),
            backend: Backend { pid: 1, started: String::new() },
        }
    }

    fn here() -> Durability {
        Durability::default()
    }

    #[test]
    fn a_server_that_could_lose_what_it_acknowledged_is_refused() {
        assert_eq!(fit().check(&here()), Ok(()));
        for mode in ["remote_write", "remote_apply"] {
            let facts = ServerFacts { synchronous_commit: mode.into(), ..fit() };
            assert_eq!(facts.check(&here()), Ok(()), "{mode}");
        }
        let mut pooled = fit();
        pooled.settings[1] = "0".to_owned();
        let unfit = [
            (ServerFacts { version_num: 140_012, ..fit() }, "15 or newer is needed; this one is 14.12"),
            (ServerFacts { in_recovery: true, read_only: "on".into(), ..fit() }, "replica"),
            (ServerFacts { read_only: "on".into(), ..fit() }, "read-only"),
            (ServerFacts { fsync: "off".into(), ..fit() }, "fsync = on"),
            (ServerFacts { synchronous_commit: "off".into(), ..fit() }, "synchronous_commit is off"),
            (ServerFacts { synchronous_commit: "local".into(), ..fit() }, "synchronous_commit is local"),
            (ServerFacts { full_page_writes: "off".into(), ..fit() }, "full_page_writes = on"),
            (pooled, "lock_timeout = 2s and has 0"),
        ];
        for (facts, says) in unfit {
            assert!(facts.check(&here()).unwrap_err().contains(says), "{facts:?}");
        }
    }

    #[test]
    fn durability_elsewhere_excuses_the_disk_and_nothing_else() {
        let elsewhere = Durability { elsewhere: Some("the volume is replicated".into()) };
        let facts = ServerFacts { fsync: "off".into(), full_page_writes: "off".into(), ..fit() };
        assert_eq!(facts.check(&elsewhere), Ok(()));
        assert!(
            facts.doubts(&elsewhere)[0].contains("the volume is replicated"),
            "it is told at every start"
        );
        let facts = ServerFacts { synchronous_commit: "off".into(), ..fit() };
        assert!(facts.check(&elsewhere).is_err());
        let facts = ServerFacts { in_recovery: true, ..fit() };
        assert!(facts.check(&elsewhere).is_err());
    }

    #[test]
    fn what_a_pool_commits_must_last_too() {
        assert_eq!(fit().check_commits(), Ok(()));
        for facts in [
            ServerFacts { synchronous_commit: "off".into(), ..fit() },
            ServerFacts { in_recovery: true, ..fit() },
            ServerFacts { read_only: "on".into(), ..fit() },
        ] {
            assert!(facts.check_commits().is_err(), "{facts:?}");
        }
    }

    #[test]
    fn settings_of_tcp_are_doubted_over_tcp_alone() {
        let mut facts = fit();
        facts.settings[7] = "0".to_owned();
        assert!(facts.check(&here()).is_ok() && facts.doubts(&here()).is_empty());
        facts.over_tcp = true;
        assert!(facts.doubts(&here())[0].contains("tcp_user_timeout"), "{:?}", facts.doubts(&here()));
        assert!(facts.check(&here()).is_ok());
    }
}
