//! What people can do.
//!
//! To add an action: one file here (payload, validate, apply, tests) and its `mod`, one line in `actions!`.

pub mod drop;
pub mod look;
pub mod r#move;
pub mod pick_up;
pub mod say;

holdfast::actions! {
    /// Everything that people can do.
    pub enum Verb {
        1: Move in r#move,
        2: Say in say,
        3: Look in look,
        4: PickUp in pick_up,
        5: Drop in drop,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use holdfast::action::Verbs;
    use holdfast::protocol::encode;
    use holdfast::protocol::error::ENGINE_CODES;

    use super::*;
    use crate::tile::Tile;

    #[test]
    fn every_code_has_a_name_of_its_own_and_a_sentence() {
        let codes = Verb::codes();
        let mut names: BTreeSet<_> = ENGINE_CODES.iter().map(|entry| entry.name).collect();
        for entry in &codes {
            assert!(names.insert(entry.name), "{} twice", entry.name);
            assert!(entry.says.ends_with('.'));
        }
        assert!(codes.windows(2).all(|pair| pair[0].code < pair[1].code));
    }

    #[test]
    fn the_bytes_on_the_wire_are_these() {
        assert_eq!(encode(&Verb::Move(Move { to: Tile { x: 300, y: 1 } })), [1, 0xac, 0x02, 1]);
        assert_eq!(encode(&Verb::Say(Say { text: "Hi".into() })), [2, 2, b'H', b'i']);
        assert_eq!(encode(&Verb::Look(Look {})), [3]);
        assert_eq!(encode(&Verb::PickUp(PickUp { item: holdfast::protocol::EntityId(6) })), [4, 6]);
        assert_eq!(encode(&Verb::Drop(Drop { item: holdfast::protocol::EntityId(8) })), [5, 8]);
    }
}
