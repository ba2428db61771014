//! What follows from an error of PostgreSQL, as one table.
//!
//! The one question that matters is whether a flush may have been committed all the same. An error that PostgreSQL
//! itself reports for a statement says that it was not; an error on the way says nothing.

use sqlx::error::DatabaseError;

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
            sqlx::Error::Encode(_) => Self {
                class: StoreErrorClass::Permanent,
                sqlstate: String::new(),
                message: error.to_string(),
            },
            other => Self { class: on_the_way(phase), sqlstate: String::new(), message: other.to_string() },
        }
    }

    /// The connection, or the wait for its reply, has come to an end with a flush under way.
    pub(crate) fn unanswered(message: &str) -> Self {
        Self { class: StoreErrorClass::Unknown, sqlstate: String::new(), message: message.to_owned() }
    }

    /// The wait for something that changes nothing has come to an end.
    pub(crate) fn silent(message: &str) -> Self {
        Self { class: StoreErrorClass::RetryLater, sqlstate: String::new(), message: message.to_owned() }
    }

    fn from_database(error: &dyn DatabaseError, phase: Phase) -> Self {
        let sqlstate = error.code().unwrap_or_default().into_owned();
        let mut message = error.message().to_owned();
        // The constraint tells what is wrong; the detail would tell a player's values.
        if let Some(constraint) = error.constraint() {
            message = format!("{message} (constraint {constraint})");
        }
        Self { class: classify(&sqlstate, phase), sqlstate, message }
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
        "57P01" | "57P02" | "57P05" | "25P03" | "40003" => on_the_way(phase),
        // A statement inside an aborted transaction: our own mistake. The connection goes, its flush is looked up.
        "25P02" => on_the_way(phase),
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

#[cfg(test)]
mod tests {
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
            ("57014", RetryLater, RetryLater),
            ("58030", RetryLater, RetryLater),
            ("57P03", RetryLater, RetryLater),
            ("08001", RetryLater, Unknown),
            ("08003", RetryLater, Unknown),
            ("08006", RetryLater, Unknown),
            ("08007", RetryLater, Unknown),
            ("57P01", RetryLater, Unknown),
            ("57P02", RetryLater, Unknown),
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
}
