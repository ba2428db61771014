//! What is wrong with a frame.
//!
//! To add one: a variant and its name here, and how it is made in [`super::tampering`] or [`super::rude`].

/// What is wrong with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nothing: the action is the next one. So are those that an ordinary client sends again by itself.
    Honest,
    /// An action before the ones that precede it.
    Reordered,
    /// An action that was just sent, once more.
    Duplicated,
    /// An action that was captured earlier, perhaps from another connection.
    Replayed,
    /// An action far ahead of the next.
    Gap,
    /// An action with the number of a decided one, and another nonce.
    OtherNonce,
    /// An action with a number that is so old that its answer is no longer kept.
    Expired,
    /// An action that was captured from another character's connection.
    Foreign,
    /// An action that was captured and of which bytes were changed; it can still be read.
    Changed,
    /// A word that a tick was applied which was never sent.
    Applied,
    /// A wish for a snapshot, for a tick that was never sent.
    Resync,
    /// Captured bytes that were changed or cut so that nobody can read them.
    Unreadable,
    /// A second hello on a connection.
    SecondHello,
    /// A hello with the resume token of an earlier connection.
    StaleToken,
    /// A hello with the resume token of somebody else's session.
    ForeignToken,
    /// A hello for somebody else's character, with that one's resume token.
    ForeignCharacter,
    /// A hello that claims to hold a tick of an ownership that never was.
    UnknownEpoch,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Honest,
        Self::Reordered,
        Self::Duplicated,
        Self::Replayed,
        Self::Gap,
        Self::OtherNonce,
        Self::Expired,
        Self::Foreign,
        Self::Changed,
        Self::Applied,
        Self::Resync,
        Self::Unreadable,
        Self::SecondHello,
        Self::StaleToken,
        Self::ForeignToken,
        Self::ForeignCharacter,
        Self::UnknownEpoch,
    ];

    /// Whether it counts as a frame that must have no effect. An honest one has an effect; and to a word that a tick was
    /// applied nothing is ever answered, so that nobody could tell a right answer from a wrong one.
    #[must_use]
    pub fn is_counted(self) -> bool {
        !matches!(self, Self::Honest | Self::Applied)
    }

    /// In words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Honest => "honest",
            Self::Reordered => "reordered",
            Self::Duplicated => "duplicated",
            Self::Replayed => "replayed",
            Self::Gap => "gap",
            Self::OtherNonce => "other nonce",
            Self::Expired => "expired",
            Self::Foreign => "foreign",
            Self::Changed => "changed",
            Self::Applied => "applied, never sent",
            Self::Resync => "resync, never sent",
            Self::Unreadable => "unreadable",
            Self::SecondHello => "second hello",
            Self::StaleToken => "stale token",
            Self::ForeignToken => "foreign token",
            Self::ForeignCharacter => "foreign character",
            Self::UnknownEpoch => "unknown epoch",
        }
    }

    /// What may be answered to it, in words. More actions than anybody may send can also be turned away unread, as
    /// `rate_limited` or `busy`.
    #[must_use]
    pub fn allowed(self) -> &'static str {
        match self {
            Self::Honest => "its verdict",
            Self::Reordered => "seq_gap with the next seq",
            Self::Duplicated => "as to the first: the same verdict, or seq_gap",
            Self::Replayed => "the same verdict, seq_expired; seq_gap where it is early again",
            Self::Gap => "seq_gap with the next seq",
            Self::OtherNonce => "seq_conflict",
            Self::Expired => "seq_expired",
            Self::Foreign | Self::Changed => {
                "as its name is to this character: verdict, gap, conflict, expired"
            }
            Self::Applied => "nothing",
            Self::Resync => "a snapshot",
            Self::Unreadable => "malformed, and the end",
            Self::SecondHello => "hello_repeated, and the end",
            Self::StaleToken => "replaced, and the end",
            Self::ForeignToken => "a welcome to a new session, with a snapshot",
            Self::ForeignCharacter => "no_such_character, and the end",
            Self::UnknownEpoch => "a welcome, with a snapshot for that reason",
        }
    }
}
