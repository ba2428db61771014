//! Rows come back, what cannot be is refused, and the bytes on the wire are these.

use holdfast::Replicate;
use holdfast::persistence::durable::{Cell, Durable, Row};
use holdfast::protocol::{EntityId, Tick, encode};

use super::*;
use crate::tile::{Facing, Tile};

fn position() -> Position {
    Position { tile: Tile { x: 300, y: 2 }, facing: Facing::SOUTH }
}

fn utterance() -> Utterance {
    Utterance { speaker: EntityId(1), name: "Ada".into(), text: "Grüße".into(), said_at: Tick(300) }
}

fn comes_back<C: Durable + std::fmt::Debug>(value: &C) {
    let row = value.to_row();
    assert_eq!(row.0.len(), C::COLUMNS.len());
    assert_eq!(C::from_row(&row).as_ref(), Ok(value));
}

#[test]
fn rows_come_back_unchanged() {
    comes_back(&position());
    comes_back(&Vitals::FULL);
    comes_back(&Item { kind: ItemKind::Berry, count: u16::MAX });
    comes_back(&Carried { slot: 11 });
    comes_back(&utterance());
}

#[test]
fn rows_that_cannot_be_are_refused() {
    assert!(Position::from_row(&Row(vec![Cell::Int(1), Cell::Int(1), Cell::SmallInt(8)])).is_err());
    assert!(Vitals::from_row(&Row(vec![Cell::SmallInt(101), Cell::SmallInt(0)])).is_err());
    assert!(Item::from_row(&Row(vec![Cell::Int(2), Cell::Int(1)])).is_err());
    assert!(Item::from_row(&Row(vec![Cell::Int(1), Cell::Int(0)])).is_err());
    assert!(Carried::from_row(&Row(vec![Cell::SmallInt(12)])).is_err());
}

#[test]
fn the_bytes_on_the_wire_are_these() {
    assert_eq!(encode(&position().wire()), [0xac, 0x02, 2, 4]);
    assert_eq!(encode(&Vitals::FULL.wire()), [100, 100]);
    assert_eq!(encode(&Item { kind: ItemKind::Berry, count: 3 }.wire()), [1, 3]);
    assert_eq!(encode(&Carried { slot: 5 }.wire()), [5]);
    assert!(encode(&Asleep.wire()).is_empty());
    let looks = Looks { name: "Ada".into(), archetype: "fox".into() };
    assert_eq!(encode(&looks.wire()), b"\x03Ada\x03fox");
    assert_eq!(encode(&utterance().wire()), b"\x01\x03Ada\x07Gr\xc3\xbc\xc3\x9fe\xac\x02");
}
