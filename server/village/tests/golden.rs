//! The village's golden bytes: its verbs, its parts and its replies.
//!
//! A difference here is a difference on the wire. Where it is meant, write the file anew with
//! `HOLDFAST_BLESS=1 cargo test -p village --test golden` and look at what changed.

use holdfast::protocol::{EntityId, Tick};
use holdfast_golden::Vectors;
use village::action::look::{Around, Seen};
use village::action::{Drop, Look, Move, PickUp, Say, Verb};
use village::component::{
    AsleepWire, CarriedWire, ItemWire, LooksWire, PositionWire, UtteranceWire, VitalsWire,
};
use village::tile::Tile;
use village::{KIND_CHARACTER, KIND_ITEM, KIND_UTTERANCE};

const SNOWMAN: &str = "☃é🎮";
const FAR: Tile = Tile { x: u16::MAX, y: u16::MAX };

#[test]
fn the_villages_wire_is_what_it_was() {
    let mut vectors = Vectors::of("village.json");
    verbs(&mut vectors);
    parts(&mut vectors);
    let seen = |id, kind, tile| Seen { id: EntityId(id), kind, tile };
    vectors.add("reply/look/empty", &Around { seen: Vec::new() });
    let seen = vec![
        seen(3, KIND_CHARACTER, Tile { x: 127, y: 128 }),
        seen(4, KIND_ITEM, Tile { x: 0, y: 0 }),
        seen(u64::MAX, KIND_UTTERANCE, FAR),
    ];
    vectors.add("reply/look/three", &Around { seen });
    vectors.check();
}

fn verbs(vectors: &mut Vectors) {
    for (name, to) in [("near", Tile { x: 300, y: 1 }), ("largest", FAR)] {
        let step = Move { to };
        vectors.add_verb(&format!("verb/move/{name}"), &Verb::Move(step), ("move", &step));
    }
    // 280 characters of four bytes are the longest text that the rules accept.
    let longest = "🎮".repeat(280);
    for (name, text) in [("empty", ""), ("snowman", SNOWMAN), ("longest", &longest), ("bom", "\u{feff}a\0")] {
        let say = Say { text: text.to_owned() };
        vectors.add_verb(&format!("verb/say/{name}"), &Verb::Say(say.clone()), ("say", &say));
    }
    vectors.add_verb("verb/look", &Verb::Look(Look {}), ("look", &Look {}));
    for (name, item) in [("small", 6), ("beyond_double", (1 << 53) + 1), ("largest", u64::MAX)] {
        let item = EntityId(item);
        let (pick_up, drop) = (PickUp { item }, Drop { item });
        vectors.add_verb(&format!("verb/pick_up/{name}"), &Verb::PickUp(pick_up), ("pick_up", &pick_up));
        vectors.add_verb(&format!("verb/drop/{name}"), &Verb::Drop(drop), ("drop", &drop));
    }
}

fn parts(vectors: &mut Vectors) {
    vectors.add("part/position/near", &PositionWire { tile: Tile { x: 300, y: 2 }, facing: 4 });
    vectors.add("part/position/largest", &PositionWire { tile: FAR, facing: u8::MAX });
    let looks = |name: &str, archetype: &str| LooksWire { name: name.into(), archetype: archetype.into() };
    vectors.add("part/looks/ada", &looks("Ada", "gardener"));
    vectors.add("part/looks/empty", &looks("", ""));
    vectors.add("part/vitals/full", &VitalsWire { health: 100, energy: 100 });
    vectors.add("part/vitals/none", &VitalsWire { health: 0, energy: 0 });
    vectors.add("part/item/berries", &ItemWire { kind: 1, count: 3 });
    vectors.add("part/item/largest", &ItemWire { kind: u16::MAX, count: u16::MAX });
    vectors.add("part/carried", &CarriedWire { slot: 11 });
    let utterance = |speaker, name: &str, text: &str, said_at| UtteranceWire {
        speaker: EntityId(speaker),
        name: name.into(),
        text: text.into(),
        said_at: Tick(said_at),
    };
    vectors.add("part/utterance/snowman", &utterance(3, "Ada", SNOWMAN, 812));
    vectors.add("part/utterance/empty", &utterance(0, "", "", 0));
    vectors.add("part/utterance/largest", &utterance(u64::MAX, "Ünï", &"é".repeat(280), (1 << 53) + 1));
    vectors.add("part/asleep", &AsleepWire);
}
