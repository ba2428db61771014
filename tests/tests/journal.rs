//! The journal and the row images say what happened: replayed, the images give the tables, each begins where the last one
//! ended, and the inputs are every decided action, once and in order.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeMap;

use holdfast::persistence::durable::{Cell, ColumnType};
use holdfast::persistence::images::{ImageCell, images_from_bytes};
use holdfast::persistence::journal::format::inputs_from_bytes;
use holdfast::persistence::journal::{HomeChange, Input, InputKind, Touched};
use holdfast::persistence::store::{StoreError, StoreErrorClass};
use holdfast_client::ClientEvent;
use holdfast_protocol::{Code, EntityId, Tick};
use holdfast_tests::{Player, Sim};
use rand::RngExt as _;
use rand::seq::IndexedRandom as _;
use village::Village;
use village::action::{Drop, Look, Move, PickUp, Say, Verb};
use village::component::Position;
use village::tile_index::TileIndex;

/// Rows by table and entity, as images have them.
type Replayed = BTreeMap<(String, EntityId), Vec<ImageCell<'static>>>;

fn lost() -> StoreError {
    StoreError::new(StoreErrorClass::Unknown, "", "lost")
}

/// Walks, takes, drops and talks at random, with a store that fails now and then and a process that dies now and then.
fn live(sim: &mut Sim<Village>, players: &[Player], ticks: usize) {
    for _ in 0..ticks {
        for player in players {
            if sim.is_connected(*player) && sim.rng().random_ratio(1, 3) {
                let verb = something(sim, *player);
                sim.act(*player, &verb);
            }
        }
        match sim.rng().random_range(0..60) {
            0 => {
                sim.tick();
                let after_apply = sim.rng().random();
                sim.break_store(lost(), after_apply);
                sim.restart();
                players.iter().for_each(|player| sim.connect(*player));
            }
            1 => {
                sim.tick();
                sim.break_store(lost(), true);
                sim.commit();
            }
            2 => sim.disconnect(players[0]),
            // With everything that is its own; what it carries comes back with it.
            3 if sim.is_connected(players[1]) => sim.leave(players[1]),
            4 => players.iter().for_each(|player| sim.connect(*player)),
            // Several ticks in one flush.
            5..20 => drop((sim.tick(), sim.tick(), sim.tick())),
            _ => sim.step(),
        }
    }
    // Whoever acted while leaving hears nothing on that connection, and asks again on the next.
    for _ in 0..3 {
        players.iter().for_each(|player| sim.connect(*player));
        (0..40).for_each(|_| sim.step());
    }
    sim.settle();
}

fn something(sim: &mut Sim<Village>, player: Player) -> Verb {
    let me = sim.character(player);
    let look = sim.world();
    let Some(here) = look.get::<Position>(me).map(|position| position.tile) else {
        return Verb::Look(Look {});
    };
    let index = look.resource::<TileIndex>();
    let things: Vec<_> = here.ring(0).chain(here.ring(1)).flat_map(|tile| index.on(tile)).collect();
    let mine: Vec<_> = look.belongings(me).filter(|id| *id != me).collect();
    let steps: Vec<_> = here.ring(1).collect();
    let rng = sim.rng();
    match rng.random_range(0..4) {
        0 if !things.is_empty() => Verb::PickUp(PickUp { item: *things.choose(rng).unwrap() }),
        1 if !mine.is_empty() => Verb::Drop(Drop { item: *mine.choose(rng).unwrap() }),
        2 => Verb::Say(Say { text: "Good morning!".to_owned() }),
        _ => Verb::Move(Move { to: *steps.choose(rng).unwrap() }),
    }
}

/// A village with three people in it.
fn lively(seed: u64) -> (Sim<Village>, Vec<Player>) {
    let mut sim = Sim::<Village>::new(seed);
    let players = sim.crowd(&["Ada", "Bob", "Cleo"]);
    (sim, players)
}

/// Replays all images, and finds that each begins where the one before ended.
fn replay(sim: &Sim<Village>) -> Replayed {
    let mut rows = Replayed::new();
    for flush in &sim.store().tables().row_images {
        for table in images_from_bytes(&flush.bytes).unwrap() {
            for image in table.rows {
                let key = (table.table.to_string(), image.entity);
                assert_eq!(rows.get(&key), image.before.as_ref(), "{key:?} before {}", flush.to);
                match image.after {
                    Some(after) => drop(rows.insert(key, after)),
                    None => drop(rows.remove(&key)),
                }
            }
        }
    }
    rows
}

/// The tables as images would have them.
fn stored(sim: &Sim<Village>) -> Replayed {
    let tables = sim.store().tables();
    let mut rows = Replayed::new();
    for (id, row) in &tables.entities {
        let home = row.home.map_or(ImageCell::Null, |home| ImageCell::BigInt(home.0.cast_signed()));
        let cells =
            vec![ImageCell::Int(row.kind.into()), home, ImageCell::BigInt(row.entered.0.cast_signed())];
        rows.insert(("entities".to_owned(), *id), cells);
    }
    for (definition, table) in sim.store().definitions().iter().zip(&tables.components) {
        for (id, row) in table {
            let cells = row.row.0.iter().zip(definition.columns).map(|(cell, column)| match cell {
                _ if column.ty == ColumnType::FreeText => ImageCell::LeftOut,
                Cell::SmallInt(value) => ImageCell::SmallInt(*value),
                Cell::Int(value) => ImageCell::Int(*value),
                Cell::BigInt(value) => ImageCell::BigInt(*value),
                Cell::Text(value) => ImageCell::Text(value.clone().into()),
                other => panic!("the village has no such cell: {other:?}"),
            });
            rows.insert((definition.table.to_owned(), *id), cells.collect());
        }
    }
    rows
}

fn journal(sim: &Sim<Village>) -> Vec<Input> {
    let flushes = &sim.store().tables().journal;
    flushes.iter().flat_map(|flush| inputs_from_bytes(&flush.bytes, flush.from).unwrap()).collect()
}

#[test]
fn replayed_images_are_the_tables() {
    let (mut has_carried, mut has_destroyed) = (false, false);
    for seed in 0..4 {
        let (mut sim, players) = lively(seed);
        live(&mut sim, &players, 600);
        assert_eq!(replay(&sim), stored(&sim), "seed {seed}");
        for flush in &sim.store().tables().row_images {
            let tables = images_from_bytes(&flush.bytes).unwrap();
            has_carried |= tables.iter().any(|table| table.table == "carried");
            has_destroyed |= tables.iter().flat_map(|table| &table.rows).any(|row| row.after.is_none());
        }
    }
    assert!(has_carried && has_destroyed, "things changed hands, and came to an end");
}

#[test]
fn the_journal_has_every_verdict_once_and_in_order() {
    for seed in 0..8 {
        let (mut sim, players) = lively(seed);
        live(&mut sim, &players, 300);
        let journal = journal(&sim);
        assert!(journal.windows(2).all(|pair| pair[0].tick <= pair[1].tick), "in the order of the ticks");
        for player in players {
            let me = sim.character(player);
            let heard: BTreeMap<_, _> = sim
                .heard(player)
                .into_iter()
                .filter_map(|event| match event {
                    ClientEvent::Verdict(verdict) => {
                        Some((verdict.action.seq, (verdict.action, verdict.code)))
                    }
                    _ => None,
                })
                .collect();
            let written: Vec<_> = journal
                .iter()
                .filter(|input| input.character == me)
                .filter_map(|input| match &input.kind {
                    InputKind::Acted { name, code, .. } => Some((*name, *code)),
                    _ => None,
                })
                .collect();
            assert!(written.windows(2).all(|pair| pair[0].0.seq.next() == pair[1].0.seq), "without gaps");
            for (name, code) in heard.into_values() {
                assert!(written.contains(&(name, code)), "seed {seed}: {name:?} {code}");
            }
        }
    }
}

#[test]
fn comings_and_goings_are_written_down() {
    let (mut sim, players) = lively(1);
    let ada = sim.character(players[0]);
    sim.leave(players[0]);
    (0..4).for_each(|_| sim.step());
    let of_ada: Vec<_> = journal(&sim).into_iter().filter(|input| input.character == ada).collect();
    assert!(matches!(of_ada[0].kind, InputKind::Joined { resumed: false, .. }), "{of_ada:?}");
    assert_eq!(of_ada.last().map(|input| &input.kind), Some(&InputKind::Left), "{of_ada:?}");
    let index = &sim.store().tables().journal_entities;
    assert_eq!(index.iter().filter(|(id, _)| *id == ada).count(), 2);
}

#[test]
fn an_action_names_what_it_touched_and_steps_are_in_no_history() {
    let (mut sim, players) = lively(3);
    let me = sim.character(players[0]);
    let before = sim.store().tables().journal_entities.clone();
    let here = sim.world().get::<Position>(me).unwrap().tile;
    sim.act(players[0], &Verb::Move(Move { to: here.offset(0, 1).unwrap() }));
    (0..3).for_each(|_| sim.step());
    assert_eq!(sim.store().tables().journal_entities, before, "a step is in no history");
    sim.act(players[0], &Verb::Say(Say { text: "Hello".to_owned() }));
    (0..3).for_each(|_| sim.step());
    let journal = journal(&sim);
    let [.., Input { kind: InputKind::Acted { touched: by_step, .. }, .. }, said] = &journal[..] else {
        panic!()
    };
    assert!(by_step.is_empty());
    let Input { tick, kind: InputKind::Acted { code: Code::ACCEPTED, action, touched, .. }, .. } = said
    else {
        panic!("{said:?}")
    };
    let [Touched { entity, home: HomeChange::Made { to: None } }] = touched[..] else {
        panic!("{touched:?}")
    };
    assert_eq!(action.0, [&[2, 6][..], b"nearby", &[5]].concat(), "the channel and the length");
    let new: Vec<(EntityId, Tick)> =
        sim.store().tables().journal_entities.difference(&before).copied().collect();
    assert_eq!(new.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [me, entity]);
    assert!(new.iter().all(|(_, to)| to >= tick));
}
