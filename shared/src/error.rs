//! The one registry of reasons to refuse.
//!
//! A code is a `u16`: the verb's stable tag × 256, plus a number that is stable within the verb. Tag 0 is the
//! engine's and stands here; games declare theirs beside their verbs in the same shape. Everything that refuses, on
//! the socket and over HTTP, uses a code from here or from a game's registry; clients tell transient from terminal by
//! what stands beside it, never by its text.

use core::fmt;

use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

/// A stable number for one reason to refuse, or for acceptance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Schema)]
pub struct Code(pub u16);

impl Code {
    /// The code of variant `number` of the verb with `tag`.
    #[must_use]
    pub const fn of_verb(tag: u8, number: u8) -> Self {
        Self(tag as u16 * 256 + number as u16)
    }

    /// The tag of the verb that declares this code; zero is the engine.
    #[must_use]
    pub const fn verb_tag(self) -> u8 {
        (self.0 >> 8) as u8
    }

    /// The engine's entry for this code; none where a game declares it, or nobody.
    #[must_use]
    pub fn engine_entry(self) -> Option<&'static CodeEntry> {
        ENGINE_CODES.iter().find(|entry| entry.code == self)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.engine_entry() {
            Some(entry) => f.write_str(entry.name),
            None => write!(f, "code {}", self.0),
        }
    }
}

/// What kind of trouble a code tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Schema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Who you are could not be established, or does not suffice.
    Auth,
    /// Client and server are of different builds.
    Version,
    /// There is no room.
    Capacity,
    /// You are too fast.
    RateLimit,
    /// What you asked for is not well-formed, or the rules do not allow it.
    Validation,
    /// What you sent does not follow from what went before.
    Consistency,
    /// Something that the server needs is not there.
    Dependency,
    /// A fault of ours.
    Internal,
}

/// What is known of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CodeEntry {
    /// The code.
    pub code: Code,
    /// Its stable name, in snake_case: what HTTP bodies, logs and metrics say.
    pub name: &'static str,
    /// What kind of trouble it is.
    pub category: Category,
    /// Whether the same request may succeed later, unchanged.
    pub retryable: bool,
    /// One sentence for people.
    pub says: &'static str,
}

/// A refusal that concerns the connection or an HTTP request rather than one action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct ErrorBody {
    /// Why.
    pub code: Code,
    /// What kind of trouble it is.
    pub category: Category,
    /// Whether the same request may succeed later, unchanged.
    pub retryable: bool,
    /// How long to wait before it is tried again, in milliseconds; zero where nothing is known.
    pub retry_after_ms: u32,
    /// What the server's log calls this incident: a line at level info where the trouble is the server's, at debug where
    /// it is the client's. Unique also over restarts of the server, in all likelihood.
    pub correlation_id: u64,
}

impl ErrorBody {
    /// The body for one of the engine's codes.
    ///
    /// # Panics
    /// Where `code` is not in the engine's registry, which is a mistake in our code.
    #[must_use]
    pub fn new(code: Code, retry_after_ms: u32, correlation_id: u64) -> Self {
        let entry = code.engine_entry().expect("connection errors are in the engine's registry");
        Self { code, category: entry.category, retryable: entry.retryable, retry_after_ms, correlation_id }
    }
}

macro_rules! engine_codes {
    ($($number:literal $constant:ident $name:literal $category:ident $retryable:literal $says:literal;)*) => {
        impl Code {
            $(#[doc = $says] pub const $constant: Self = Self($number);)*
        }

        /// The engine's codes, in ascending order.
        pub const ENGINE_CODES: &[CodeEntry] = &[$(CodeEntry {
            code: Code::$constant,
            name: $name,
            category: Category::$category,
            retryable: $retryable,
            says: $says,
        }),*];
    };
}

engine_codes! {
    0 ACCEPTED "accepted" Validation false "Done, and safe.";
    1 MALFORMED "malformed" Validation false "The server could not read that message.";
    2 OVERSIZED "oversized" Validation false "That message is larger than the server takes.";
    3 TEXT_FRAME "text_frame" Validation false "This connection speaks binary frames only.";
    4 UPDATE_REQUIRED "update_required" Version false "A new version is out. Update to go on.";
    5 HELLO_EXPECTED "hello_expected" Consistency false "The first message must say who you are.";
    6 HELLO_REPEATED "hello_repeated" Consistency false "This connection has already said who it is.";
    7 HELLO_TIMEOUT "hello_timeout" Auth true "Nobody said who they are in time. Try again.";
    8 TOKEN_INVALID "token_invalid" Auth false "Your sign-in could not be verified. Sign in again.";
    9 TOKEN_EXPIRED "token_expired" Auth false "Your sign-in has run out. Sign in again.";
    10 SCOPE_MISSING "scope_missing" Auth false "Your sign-in does not allow playing here.";
    11 NO_SUCH_CHARACTER "no_such_character" Auth false "You have no such character.";
    12 NAME_INVALID "name_invalid" Validation false "A name is 3 to 16 letters, the first a capital.";
    13 NAME_TAKEN "name_taken" Validation false "Somebody already has that name.";
    14 TOO_MANY_CHARACTERS "too_many_characters" Capacity false "You have as many characters as an account may have.";
    15 UNKNOWN_ARCHETYPE "unknown_archetype" Validation false "There is no such kind of character.";
    16 BUSY "busy" Capacity true "The world is busy. Your action waits and is sent again.";
    17 RATE_LIMITED "rate_limited" RateLimit true "That was too fast. Your action waits and is sent again.";
    18 SERVER_FULL "server_full" Capacity true "Every place is taken. Try again soon.";
    19 SEQ_GAP "seq_gap" Consistency true "An action is missing before this one. It is sent again.";
    20 SEQ_CONFLICT "seq_conflict" Consistency false "Another device has played on. This action was not done.";
    21 SEQ_EXPIRED "seq_expired" Consistency false "This action is too old to be answered again.";
    22 REPLACED "replaced" Consistency false "Your character is played from somewhere else now.";
    23 SLOW_READER "slow_reader" Capacity true "Your connection could not keep up. It is opened again.";
    24 IDLE_TIMEOUT "idle_timeout" Consistency false "You were away for a while. Come back when you like.";
    25 STORE_UNAVAILABLE "store_unavailable" Dependency true "Saving is paused. What was confirmed is safe.";
    26 ISSUER_UNAVAILABLE "issuer_unavailable" Dependency true "Sign-in cannot be checked right now. Try again soon.";
    27 MAINTENANCE "maintenance" Capacity true "The world pauses for maintenance. What was confirmed is safe.";
    28 NOT_OWNER "not_owner" Dependency true "Another server runs this world now.";
    29 INTERNAL "internal" Internal true "Something went wrong on our side.";
    30 NOT_FOUND "not_found" Validation false "There is nothing at this address.";
    31 SILENT "silent" Consistency true "The connection fell silent. It is opened again.";
    32 ORIGIN_REFUSED "origin_refused" Auth false "This page may not connect to this server.";
    33 TOO_MANY_CONNECTIONS "too_many_connections" RateLimit true "Too many connections from one place. Try again soon.";
    34 TOO_MANY_MESSAGES "too_many_messages" RateLimit true "This connection sent more than anybody needs. It is opened again.";
    35 REQUEST_TIMEOUT "request_timeout" Consistency true "The request did not arrive in time. Try again.";
    36 JOINS_BUSY "joins_busy" Capacity true "Too many are coming in at once. Try again soon.";
    37 WORLD_RELOADED "world_reloaded" Internal true "The world starts anew from what is saved. You come back by yourself.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_ascend_and_names_are_unique() {
        assert!(ENGINE_CODES.windows(2).all(|pair| pair[0].code < pair[1].code));
        let mut names: Vec<_> = ENGINE_CODES.iter().map(|entry| entry.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ENGINE_CODES.len());
    }

    #[test]
    fn every_engine_code_has_the_engines_tag_and_a_sentence() {
        for entry in ENGINE_CODES {
            assert_eq!(entry.code.verb_tag(), 0, "{}", entry.name);
            assert!(entry.says.ends_with('.'), "{}", entry.name);
            assert!(entry.name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{}", entry.name);
        }
    }
}
