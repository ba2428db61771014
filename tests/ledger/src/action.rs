//! What can be done in the ledger.
//!
//! To add an action: one file here (payload, validate, apply, tests) and its `mod`, one line in `actions!`.

pub mod append;
pub mod open_pots;
pub mod pay;
pub mod read;
pub mod swap;
pub mod transfer;

holdfast::actions! {
    /// Everything that can be done.
    pub enum Verb {
        1: Transfer in transfer,
        2: Append in append,
        3: Swap in swap,
        4: Read in read,
        5: Pay in pay,
        6: OpenPots in open_pots,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use holdfast::action::Verbs;
    use holdfast::protocol::error::ENGINE_CODES;
    use holdfast::protocol::{EntityId, encode};

    use super::*;

    #[test]
    fn every_code_has_a_name_of_its_own_and_a_sentence() {
        let mut names: BTreeSet<_> = ENGINE_CODES.iter().map(|entry| entry.name).collect();
        for entry in Verb::codes() {
            assert!(names.insert(entry.name), "{} twice", entry.name);
            assert!(entry.says.ends_with('.'));
        }
    }

    #[test]
    fn the_bytes_on_the_wire_are_these() {
        let to = EntityId(3);
        assert_eq!(encode(&Verb::Transfer(Transfer { to, amount: -1 })), [1, 3, 1]);
        assert_eq!(encode(&Verb::Append(Append { tape: EntityId(2), token: 300 })), [2, 2, 0xac, 0x02]);
        assert_eq!(encode(&Verb::Swap(Swap { mine: EntityId(4), theirs: EntityId(6) })), [3, 4, 6]);
        assert_eq!(encode(&Verb::Read(Read { tape: EntityId(2) })), [4, 2]);
        let pay = Pay { from: EntityId(6), to: EntityId(8), amount: 1 };
        assert_eq!(encode(&Verb::Pay(pay)), [5, 6, 8, 2]);
        assert_eq!(encode(&Verb::OpenPots(OpenPots { count: 300, balance: 7 })), [6, 0xac, 0x02, 7]);
    }
}
