//! What was said, as it is kept: free text has rows of its own, for as long as chat is kept, and stands in no journal.

use holdfast_protocol::{EntityId, Tick};

/// The longest text, in characters.
pub const TEXT_CHARS_MAX: usize = 280;

/// One line.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChatLine {
    /// The tick in which it was said.
    pub tick: Tick,
    /// Who said it.
    pub speaker: EntityId,
    /// To whom, in the game's words: `nearby`, for one.
    pub channel: String,
    /// The words, at most [`TEXT_CHARS_MAX`] characters.
    pub text: String,
}

/// Without the words: this may end in a log.
impl std::fmt::Debug for ChatLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { tick, speaker, channel, text } = self;
        write!(f, "ChatLine({tick}, {speaker}, {channel}, {} bytes)", text.len())
    }
}
