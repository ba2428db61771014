//! What there is in the ledger.
//!
//! The parts' tags, which clients know: 1 [`Holder`], 2 [`Tape`], 3 [`Item`], 4 [`Purse`]. Everything is shown to the
//! whole group, so that whatever is not as it must be can be seen by somebody. A [`Pot`] alone is shown to nobody.

mod holder;
mod item;
mod pot;
mod purse;
mod seat;
mod tape;

pub use holder::{Holder, HolderWire};
pub use item::{Item, ItemWire};
pub use pot::Pot;
pub use purse::{Purse, PurseWire};
pub use seat::Seat;
pub use tape::{TAPE_TOKENS_MAX, Tape, TapeWire};

#[cfg(test)]
mod tests {
    use holdfast::Replicate;
    use holdfast::persistence::durable::{Cell, Durable, Row};
    use holdfast::protocol::{EntityId, encode};

    use super::*;

    fn comes_back<C: Durable + std::fmt::Debug>(value: &C) {
        let row = value.to_row();
        assert_eq!(row.0.len(), C::COLUMNS.len());
        assert_eq!(C::from_row(&row).as_ref(), Ok(value));
    }

    #[test]
    fn rows_come_back_unchanged() {
        comes_back(&Seat { group: 63 });
        comes_back(&Purse { balance: u32::MAX });
        comes_back(&Tape { tokens: vec![0, u64::MAX, 7] });
        comes_back(&Item { holder: EntityId(1) });
        comes_back(&Pot { balance: u32::MAX });
    }

    #[test]
    fn rows_that_cannot_be_are_refused() {
        assert!(Purse::from_row(&Row(vec![Cell::BigInt(-1)])).is_err());
        assert!(Tape::from_row(&Row(vec![Cell::BigInts(vec![0; 257])])).is_err());
        assert!(Seat::from_row(&Row(vec![Cell::Int(64)])).is_err());
    }

    #[test]
    fn the_bytes_on_the_wire_are_these() {
        assert_eq!(encode(&Holder { name: "Ada".into() }.wire()), b"\x03Ada");
        assert_eq!(encode(&Tape { tokens: vec![1, 300] }.wire()), [2, 1, 0xac, 0x02]);
        assert_eq!(encode(&Item { holder: EntityId(300) }.wire()), [0xac, 0x02]);
        assert_eq!(encode(&Purse { balance: 300 }.wire()), [0xac, 0x02]);
    }
}
