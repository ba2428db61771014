//! Random batches, most of them good.

use holdfast::persistence::chat::ChatLine;
use holdfast::persistence::durable::{Cell, ColumnType, Row, TableDefinition};
use holdfast::persistence::journal::{HomeChange, Input, InputKind, Touched};
use holdfast::persistence::rows::{Batch, CharacterRow, ComponentRow, EntityRow, TickRows};
use holdfast::persistence::store::WorldMark;
use holdfast_protocol::{
    ActionName, Blob, Code, EntityId, Epoch, EpochTag, Nonce, Seq, SessionEpoch, Tick, WorldId,
};
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _};

/// Few enough that batches meet the same rows again and again. The last ones have their highest bit set.
const ENTITY_COUNT: u64 = 40;

/// Makes batches from a seed.
pub(crate) struct BatchMaker<'t> {
    pub(crate) random: StdRng,
    pub(crate) tables: &'t [TableDefinition],
}

impl BatchMaker<'_> {
    fn entity(&mut self) -> EntityId {
        let number = 2 * self.random.random_range(1..=ENTITY_COUNT);
        EntityId(if number > 70 { u64::MAX - number } else { number })
    }

    fn one_in(&mut self, share: u32) -> bool {
        self.random.random_ratio(1, share)
    }

    /// A batch that follows the world's mark, or nearly.
    pub(crate) fn batch(&mut self, world: WorldId, mark: WorldMark) -> Batch {
        let to = Tick(mark.tick.0 + self.random.random_range(0..4));
        let mut batch = Batch {
            world,
            epoch: mark.epoch,
            tag: mark.tag,
            from: mark.tick,
            to,
            rows: TickRows::new(self.tables.len()),
        };
        self.fill(to, &mut batch.rows);
        while self.one_in(8) {
            self.spoil(&mut batch);
        }
        batch
    }

    fn fill(&mut self, tick: Tick, rows: &mut TickRows) {
        for _ in 0..self.random.random_range(0..6) {
            let row = EntityRow {
                tick,
                kind: self.random.random(),
                home: self.random.random_bool(0.5).then(|| EntityId(2 * self.random.random_range(0..4) + 1)),
                entered: Tick(self.random.random()),
            };
            let row = (!self.one_in(5)).then_some(row);
            rows.entities.insert(self.entity(), row);
        }
        for (index, table) in self.tables.iter().enumerate() {
            for _ in 0..self.random.random_range(0..6) {
                let cells = table.columns.iter().map(|column| {
                    if column.nullable && self.one_in(3) { Cell::Null } else { self.cell(column.ty) }
                });
                let row = ComponentRow { tick, row: Row(cells.collect()) };
                let row = (!self.one_in(5)).then_some(row);
                rows.components[index].insert(self.entity(), row);
            }
        }
        for _ in 0..self.random.random_range(0..3) {
            let length = self.random.random_range(1..=800);
            let character = EntityId(2 * self.random.random_range(0..4) + 1);
            let row = CharacterRow {
                tick,
                last_seq: Seq(self.random.random()),
                session_epoch: SessionEpoch(self.random.random()),
                ring: self.bytes(length),
            };
            rows.characters.insert(character, row);
        }
        self.write_down(tick, rows);
        rows.ids_reserved = self.one_in(10).then(|| 2 * self.random.random_range(1..1_000_000));
    }

    /// Inputs, what the rows were before, and what was said.
    fn write_down(&mut self, tick: Tick, rows: &mut TickRows) {
        for _ in 0..self.random.random_range(0..4) {
            let character = EntityId(2 * self.random.random_range(0..4) + 1);
            let action = Blob(self.bytes(5));
            let touched = vec![Touched { entity: self.entity(), home: HomeChange::Same }];
            let kind = match self.random.random_range(0..3) {
                0 => InputKind::Left,
                1 => InputKind::Joined { session_epoch: SessionEpoch(self.random.random()), resumed: true },
                _ => InputKind::Acted {
                    name: ActionName { seq: Seq(self.random.random()), nonce: Nonce(self.random.random()) },
                    code: Code(self.random.random()),
                    action,
                    touched,
                },
            };
            rows.inputs.push(Input { tick, character, kind });
            rows.indexed.extend([character, self.entity()]);
        }
        for index in 0..self.tables.len() {
            let before = self.tables[index].columns.iter().map(|column| self.cell(column.ty)).collect();
            let before = (!self.one_in(3)).then_some(Row(before));
            rows.befores.components[index].insert(self.entity(), before);
        }
        for _ in 0..self.random.random_range(0..3) {
            let Cell::Text(text) = self.cell(ColumnType::FreeText) else { continue };
            let speaker = self.entity();
            rows.chat.push(ChatLine { tick, speaker, channel: "nearby".to_owned(), text });
        }
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.random.fill_bytes(&mut bytes);
        bytes
    }

    fn cell(&mut self, ty: ColumnType) -> Cell {
        let length = self.random.random_range(0..20);
        match ty {
            ColumnType::Bool => Cell::Bool(self.random.random()),
            ColumnType::SmallInt => Cell::SmallInt(self.random.random()),
            ColumnType::Int => Cell::Int(self.random.random()),
            ColumnType::BigInt => Cell::BigInt(self.random.random()),
            ColumnType::Text | ColumnType::FreeText => {
                let letters = ['a', 'Z', 'ß', '€', '🌱', '\'', '"', '\\', '\n', '{', ','];
                Cell::Text((0..length).map(|_| letters[self.random.random_range(0..letters.len())]).collect())
            }
            ColumnType::Bytes => Cell::Bytes(self.bytes(length)),
            ColumnType::BigInts => Cell::BigInts((0..length).map(|_| self.random.random()).collect()),
        }
    }

    /// Makes one thing wrong. Some batches have several: the first error that PostgreSQL finds counts.
    fn spoil(&mut self, batch: &mut Batch) {
        let tick = batch.to;
        let id = self.entity();
        let good = |maker: &mut Self| {
            let cells = maker.tables[0].columns.iter().map(|column| maker.cell(column.ty));
            ComponentRow { tick, row: Row(cells.collect()) }
        };
        match self.random.random_range(0..10) {
            0 => batch.epoch = Epoch(batch.epoch.0 + 1),
            1 => batch.epoch = Epoch(batch.epoch.0.wrapping_sub(1)),
            2 => batch.tag = EpochTag(batch.tag.0 ^ 1),
            3 => batch.from = Tick(batch.from.0 + 1),
            4 => batch.rows.ids_reserved = Some(7),
            5 => {
                let mut row = good(self);
                row.row.0[4] = Cell::Text("a\0b".to_owned());
                batch.rows.components[0].insert(id, Some(row));
            }
            6 => {
                let mut row = good(self);
                row.row.0[3] = Cell::Null;
                batch.rows.components[0].insert(id, Some(row));
            }
            8 => {
                let (channel, text) = ("nearby".to_owned(), "a\0b".to_owned());
                batch.rows.chat.push(ChatLine { tick, speaker: id, channel, text });
            }
            7 => {
                let mut row = good(self);
                row.row.0[2] = Cell::BigInt(1);
                batch.rows.components[0].insert(id, Some(row));
            }
            _ => {
                let row = CharacterRow {
                    tick,
                    last_seq: Seq(1),
                    session_epoch: SessionEpoch(1),
                    ring: vec![1; 801],
                };
                batch.rows.characters.insert(EntityId(1), row);
            }
        }
    }
}
