//! The roles of a world: who owns its tables, who writes through its functions, who reads.
//!
//! They are logins here, without passwords, since the socket lets nobody in but its own user. What each of them may do
//! in a database is what `migrate` grants.

use anyhow::{Context as _, Result};

use super::{Postgres, quoted};

/// Owns the databases and everything in them: `migrate` runs as it.
pub const OWNER: &str = "holdfast_owner";

/// A server's login.
pub const WRITER: &str = "holdfast_writer";

/// The login of people and tools that only look.
pub const READER: &str = "holdfast_reader";

impl Postgres {
    /// Makes those of the roles that are missing.
    pub(super) async fn make_roles(&self) -> Result<()> {
        let make = [OWNER, WRITER, READER].map(|role| {
            format!(
                "IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} LOGIN; END IF;"
            )
        });
        let statement = format!("DO $$ BEGIN {} END $$", make.join(" "));
        self.administer("postgres", statement).await.context("make the roles of a world")
    }

    /// Gives a database that the superuser made, and all of the world in it, to the worlds' owner. That is how kept
    /// data of an earlier version comes to have an owner; where everything is the owner's already nothing changes.
    ///
    /// # Errors
    /// Where PostgreSQL says no; then nothing has changed but perhaps the database's own owner.
    pub async fn hand_over(&self, database: &str) -> Result<()> {
        let owner = format!("ALTER DATABASE {} OWNER TO {OWNER}", quoted(database));
        self.administer("postgres", owner).await.context("give the database to its owner")?;
        // A superuser's things cannot be reassigned all at once, as PostgreSQL's own are among them. What belongs to a
        // table (its row type, its indexes, the sequence of an identity) goes with it.
        let statement = format!(
            "DO $$
            DECLARE v_command text;
            BEGIN
                FOR v_command IN
                    SELECT format('ALTER SCHEMA %I OWNER TO {OWNER}', n.nspname) FROM pg_namespace AS n
                    WHERE n.nspname = 'holdfast' AND n.nspowner <> '{OWNER}'::regrole
                    UNION ALL
                    SELECT format('ALTER %s %s OWNER TO {OWNER}',
                        CASE c.relkind WHEN 'c' THEN 'TYPE' WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, c.oid::regclass)
                    FROM pg_class AS c
                    WHERE c.relnamespace = to_regnamespace('holdfast') AND c.relkind IN ('r', 'p', 'c', 'v')
                        AND c.relowner <> '{OWNER}'::regrole
                    UNION ALL
                    SELECT format('ALTER FUNCTION %s OWNER TO {OWNER}', p.oid::regprocedure) FROM pg_proc AS p
                    WHERE p.pronamespace = to_regnamespace('holdfast') AND p.proowner <> '{OWNER}'::regrole
                LOOP
                    EXECUTE v_command;
                END LOOP;
            END $$"
        );
        self.administer(database, statement).await.context("give the world's tables to their owner")
    }
}
