//! What follows from an error of PostgreSQL, as one table.
//!
//! The one question that matters is whether a flush may have been committed all the same. An error that PostgreSQL
//! itself reports for a statement says that it was not; an error on the way says nothing, and neither does one with
//! which the backend ends: it may have been about to commit, or have done so.

use sqlx::error::DatabaseError;
use sqlx::postgres::{PgDatabaseError, PgSeverity};

use super::store::{StoreError, StoreErrorClass};

/// What the connection was doing when the error arose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing was sent that changes anything: connecting, looking up, reading.
    Before,
    /// A flush was sent.
    Flush,
}

impl StoreError {
    /// What follows from `error`.
    pub(crate) fn from_sqlx(error: &sqlx::Error, phase: Phase) -> Self {
        match error {
            sqlx::Error::Database(database) => Self::from_database(database.as_ref(), phase),
            other => Self::new(classify_own(other, phase), "", &other.to_string()),
        }
    }

    /// The connection, or the wait for its reply, has come to an end with a flush under way.
    pub(crate) fn unanswered(message: &str) -> Self {
        Self::new(StoreErrorClass::Unknown, "", message)
    }

    /// The wait for something that changes nothing has come to an end.
    pub(crate) fn silent(message: &str) -> Self {
        Self::new(StoreErrorClass::RetryLater, "", message)
    }

    fn from_database(error: &dyn DatabaseError, phase: Phase) -> Self {
        let sqlstate = error.code().unwrap_or_default();
        let class = if phase == Phase::Flush && ends_the_backend(error) {
            StoreErrorClass::Unknown
        } else {
            classify(&sqlstate, phase)
        };
        // Table and constraint tell where it is wrong; the detail would tell a player's values.
        Self {
            table: error.table().map(str::to_owned),
            constraint: error.constraint().map(str::to_owned),
            ..Self::new(class, &sqlstate, without_values(&sqlstate, error.message()))
        }
    }
}

/// Whether the backend that says this is about to end: a disk that is full under the log of what is committed is told
/// with the same code as one that is full under a table, and yet the commit may have got through.
fn ends_the_backend(error: &dyn DatabaseError) -> bool {
    let error = error.try_downcast_ref::<PgDatabaseError>();
    error.is_some_and(|error| matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic))
}

/// A message about data may end in the data. Other messages end in names and numbers of PostgreSQL's own.
fn without_values<'m>(sqlstate: &str, message: &'m str) -> &'m str {
    let ends_in_data = sqlstate.starts_with("22");
    if ends_in_data { message.split(':').next().unwrap_or_default() } else { message }
}

/// What follows from an error that is not PostgreSQL's word.
fn classify_own(error: &sqlx::Error, phase: Phase) -> StoreErrorClass {
    match error {
        // It was never sent.
        sqlx::Error::Encode(_) => StoreErrorClass::Permanent,
        // What is in the database is not what this build reads and writes; asking again finds the same.
        sqlx::Error::RowNotFound
        | sqlx::Error::TypeNotFound { .. }
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::ColumnIndexOutOfBounds { .. }
        | sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::Decode(_)
        | sqlx::Error::Configuration(_)
            if phase == Phase::Before =>
        {
            StoreErrorClass::Halt
        }
        _ => on_the_way(phase),
    }
}

fn on_the_way(phase: Phase) -> StoreErrorClass {
    match phase {
        Phase::Before => StoreErrorClass::RetryLater,
        Phase::Flush => StoreErrorClass::Unknown,
    }
}

/// What follows from a code that PostgreSQL has sent.
pub(crate) fn classify(sqlstate: &str, phase: Phase) -> StoreErrorClass {
    use StoreErrorClass::{Fenced, Halt, Permanent, RetryLater, RetryNow};
    match sqlstate {
        "40001" | "40P01" | "55P03" => RetryNow,
        "57014" | "57P03" | "58030" => RetryLater,
        // The backend goes away, perhaps with a commit already done.
        "57P01" | "57P02" | "57P04" | "57P05" | "25P03" | "40003" => on_the_way(phase),
        // A statement inside an aborted transaction: our own mistake. The connection goes, its flush is looked up.
        IN_FAILED_TRANSACTION => on_the_way(phase),
        "GW001" | "GW002" | "25006" | "42501" => Fenced,
        "21000" => Permanent,
        _ => match sqlstate.get(..2) {
            Some("08") => on_the_way(phase),
            Some("53") => RetryLater,
            Some("28") => Fenced,
            Some("22" | "23") => Permanent,
            _ => Halt,
        },
    }
}

/// What a statement inside an aborted transaction is told.
pub(crate) const IN_FAILED_TRANSACTION: &str = "25P02";

#[cfg(test)]
mod tests {
    use holdfast_protocol::EntityId;

    use super::StoreErrorClass::{Fenced, Halt, Permanent, RetryLater, RetryNow, Unknown};
    use super::*;

    #[test]
    fn every_code_has_its_class() {
        let table = [
            ("40001", RetryNow, RetryNow),
            ("40P01", RetryNow, RetryNow),
            ("55P03", RetryNow, RetryNow),
            ("53100", RetryLater, RetryLater),
            ("53200", RetryLater, RetryLater),
            ("53300", RetryLater, RetryLater),
            ("53400", RetryLater, RetryLater),
            ("57014", RetryLater, RetryLater),
            ("58030", RetryLater, RetryLater),
            ("57P03", RetryLater, RetryLater),
            ("08001", RetryLater, Unknown),
            ("08000", RetryLater, Unknown),
            ("08003", RetryLater, Unknown),
            ("08006", RetryLater, Unknown),
            ("08007", RetryLater, Unknown),
            ("57P01", RetryLater, Unknown),
            ("57P02", RetryLater, Unknown),
            ("57P04", RetryLater, Unknown),
            ("57P05", RetryLater, Unknown),
            ("40003", RetryLater, Unknown),
            ("25P03", RetryLater, Unknown),
            ("25P02", RetryLater, Unknown),
            ("GW001", Fenced, Fenced),
            ("GW002", Fenced, Fenced),
            ("25006", Fenced, Fenced),
            ("28000", Fenced, Fenced),
            ("28P01", Fenced, Fenced),
            ("42501", Fenced, Fenced),
            ("22003", Permanent, Permanent),
            ("22021", Permanent, Permanent),
            ("23502", Permanent, Permanent),
            ("23505", Permanent, Permanent),
            ("23514", Permanent, Permanent),
            ("21000", Permanent, Permanent),
            ("42703", Halt, Halt),
            ("42804", Halt, Halt),
            ("42883", Halt, Halt),
            ("42P01", Halt, Halt),
            ("3D000", Halt, Halt),
            ("XX000", Halt, Halt),
            ("XX001", Halt, Halt),
            ("XX002", Halt, Halt),
            ("P0001", Halt, Halt),
            ("", Halt, Halt),
        ];
        for (sqlstate, before, flush) in table {
            assert_eq!(classify(sqlstate, Phase::Before), before, "{sqlstate} before anything was sent");
            assert_eq!(classify(sqlstate, Phase::Flush), flush, "{sqlstate} as a flush's answer");
        }
    }

    #[test]
    fn a_broken_connection_says_nothing_of_the_flush() {
        let broken = sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into());
        assert_eq!(StoreError::from_sqlx(&broken, Phase::Flush).class, Unknown);
        assert_eq!(StoreError::from_sqlx(&broken, Phase::Before).class, RetryLater);
    }

    #[test]
    fn what_could_not_be_encoded_was_never_sent() {
        let error = sqlx::Error::Encode("too long".into());
        assert_eq!(StoreError::from_sqlx(&error, Phase::Flush).class, Permanent);
    }

    #[test]
    fn what_is_not_there_is_not_asked_for_for_ever() {
        for missing in [sqlx::Error::RowNotFound, sqlx::Error::TypeNotFound { type_name: "r".into() }] {
            assert_eq!(StoreError::from_sqlx(&missing, Phase::Before).class, Halt, "{missing}");
            assert_eq!(StoreError::from_sqlx(&missing, Phase::Flush).class, Unknown, "{missing}");
        }
        let full = sqlx::Error::PoolTimedOut;
        assert_eq!(StoreError::from_sqlx(&full, Phase::Before).class, RetryLater);
    }

    #[test]
    fn a_message_about_data_loses_the_data() {
        let message = "invalid input syntax for type bigint: \"meet me at the well\"";
        assert_eq!(without_values("22P02", message), "invalid input syntax for type bigint");
        let message = "could not extend file \"base/5/16384\": No space left on device";
        assert_eq!(without_values("53100", message), message);
    }

    #[test]
    fn an_error_says_where_it_is() {
        let nowhere = StoreError::new(Halt, "42883", "no flush_tick");
        assert_eq!(nowhere.to_string(), "Halt (42883): no flush_tick");
        let somewhere = StoreError {
            table: Some("purses".into()),
            constraint: Some("purses_balance_check".into()),
            entity: Some(EntityId(12)),
            ..StoreError::new(Permanent, "23514", "refused")
        };
        let says = "Permanent (23514): refused; table purses; entity 12; constraint purses_balance_check";
        assert_eq!(somewhere.to_string(), says);
    }
}
