//! Words for everybody nearby.

pub use holdfast::persistence::chat::TEXT_CHARS_MAX;
use holdfast::protocol::encode;
use holdfast::{Action, Actor, Change, Look, Outcome, Pace};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

use crate::KIND_UTTERANCE;
use crate::component::{Looks, Position, Utterance};

/// The channel of what everybody nearby hears, as it is kept.
const CHANNEL: &str = "nearby";

/// Says something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Say {
    /// The words; white space around them is taken off.
    pub text: String,
}

holdfast::rejections! {
    /// Why something cannot be said.
    pub enum CannotSay {
        1 Empty "text_empty" "There is nothing to say.";
        2 TooLong "text_too_long" "That is more than 280 characters.";
        3 NotPrintable "text_not_printable" "That has characters that cannot be shown.";
    }
}

impl Action for Say {
    const NAME: &'static str = "say";
    const PACE: Pace = Pace::Chat;
    type Rejection = CannotSay;
    type Plan = (Utterance, Position);

    /// To whom, and how many characters.
    fn journaled(&self) -> Vec<u8> {
        encode(&(CHANNEL, self.text.chars().count()))
    }

    fn validate(&self, me: Actor, world: &Look<'_>) -> Result<Self::Plan, CannotSay> {
        let text = self.text.trim();
        if text.is_empty() {
            return Err(CannotSay::Empty);
        }
        if text.chars().count() > TEXT_CHARS_MAX {
            return Err(CannotSay::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(CannotSay::NotPrintable);
        }
        // A character without looks or position is nowhere to be heard.
        let name = world.get::<Looks>(me.character).ok_or(CannotSay::Empty)?.name.clone();
        let position = *world.get::<Position>(me.character).ok_or(CannotSay::Empty)?;
        let utterance =
            Utterance { speaker: me.character, name, text: text.to_owned(), said_at: world.now() };
        Ok((utterance, position))
    }

    fn apply((utterance, position): Self::Plan, _me: Actor, world: &mut Change<'_>) -> Outcome {
        world.record_text(utterance.speaker, CHANNEL, &utterance.text);
        let words = world.spawn(KIND_UTTERANCE, None);
        world.set(words, utterance);
        world.set(words, position);
        Outcome::done()
    }
}

#[cfg(test)]
mod tests {
    use holdfast::action::Rejection;
    use holdfast::persistence::journal::{Input, InputKind};
    use holdfast::protocol::Code;

    use super::*;
    use crate::action::Verb;
    use crate::rehearsal::{tile_of, village};
    use crate::tile_index::TileIndex;

    fn say(text: &str) -> Verb {
        Verb::Say(Say { text: text.into() })
    }

    #[test]
    fn words_hang_where_they_were_said() {
        let mut village = village();
        let me = village.player("Ada");
        village.act(me, &say("  Good morning!\n")).expect("it can be said");
        let here = tile_of(&village, me);
        let look = village.look();
        let words = look.resource::<TileIndex>().on(here).find_map(|id| look.get::<Utterance>(id));
        let words = words.expect("the words hang there");
        assert_eq!((words.name.as_str(), words.text.as_str()), ("Ada", "Good morning!"));
        assert_eq!((words.speaker, words.said_at), (me, village.now()));
    }

    #[test]
    fn the_journal_gets_no_word_and_chat_gets_them_all() {
        let mut village = village();
        let me = village.player("Ada");
        village.send(me, &say(" Meet me at the well "));
        let rows = village.tick().rows;
        let [line] = &rows.chat[..] else { panic!("{:?}", rows.chat) };
        assert_eq!((line.speaker, line.channel.as_str()), (me, "nearby"));
        assert_eq!(line.text, "Meet me at the well");
        let [Input { kind: InputKind::Acted { action, .. }, .. }] = &rows.inputs[..] else {
            panic!("one action")
        };
        assert_eq!(action.0, encode(&(2_u32, "nearby", 21_usize)));
    }

    #[test]
    fn what_cannot_be_said_is_refused() {
        let mut village = village();
        let me = village.player("Ada");
        let mut refused = |text: &str| village.act(me, &say(text)).expect_err("it is refused");
        let code = |rejection: CannotSay| Code::of_verb(2, rejection.number());
        assert_eq!(refused(" \t\n"), code(CannotSay::Empty));
        assert_eq!(refused(&"ü".repeat(281)), code(CannotSay::TooLong));
        assert_eq!(refused("a\0b"), code(CannotSay::NotPrintable));
        assert_eq!(refused("a\nb"), code(CannotSay::NotPrintable));
        assert!(village.act(me, &say(&"ü".repeat(280))).is_ok());
    }
}
