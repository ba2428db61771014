//! From what a flush wrote down to the lines of one entity's history.

use holdfast_protocol::{Code, EntityId, Epoch, Tick};

use crate::persistence::images::{ImageCell, RowImage, TableImages};
use crate::persistence::journal::{HomeChange, Input, InputKind};

/// What a flush wrote down.
#[derive(Clone, Debug)]
pub struct Flush {
    /// When, by the database's clock, in UTC.
    pub at: String,
    /// The ownership that wrote it.
    pub epoch: Epoch,
    /// What it was asked.
    pub inputs: Vec<Input>,
    /// Its rows before and after; none where they are kept no longer.
    pub images: Option<Vec<TableImages<'static>>>,
}

/// One thing that happened to an entity, or that a character did.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// When, by the database's clock, in UTC: the moment of the flush.
    pub at: String,
    /// The ownership in which it happened.
    pub epoch: Epoch,
    /// The tick in which it happened.
    pub tick: Tick,
    /// The character who did it.
    pub character: EntityId,
    /// What it was. Of somebody else's action it names only the entity itself as touched.
    pub event: InputKind,
    /// What the entity's rows were before and after the flush; none where that is kept no longer, or stands with a later
    /// line of the same flush.
    pub columns: Option<Vec<ColumnChange>>,
    /// Whether the entity's rows before and after are kept no longer.
    pub are_images_gone: bool,
}

/// A value that is another than before.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnChange {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// What it was; none where there was no row.
    pub before: Option<ImageCell<'static>>,
    /// What it is; none where there is no row any more.
    pub after: Option<ImageCell<'static>>,
}

impl Line {
    /// The characters that occur in it.
    pub fn characters(&self) -> impl Iterator<Item = EntityId> {
        let touched = match &self.event {
            InputKind::Acted { touched, .. } => touched.as_slice(),
            InputKind::Joined { .. } | InputKind::Left => &[],
        };
        let homes = touched.iter().flat_map(|touched| match touched.home {
            HomeChange::Same => [None, None],
            HomeChange::Moved { from, to } => [from, to],
            HomeChange::Made { to } => [None, to],
            HomeChange::Destroyed { from } => [from, None],
        });
        let themselves = touched.iter().map(|touched| touched.entity).filter(|id| id.is_character());
        let all: Vec<_> = homes.flatten().chain(themselves).chain([self.character]).collect();
        all.into_iter()
    }
}

/// What a flush tells of `entity`, in order.
#[must_use]
pub fn lines_of(flush: &Flush, entity: EntityId) -> Vec<Line> {
    let mut lines: Vec<Line> = flush
        .inputs
        .iter()
        .filter_map(|input| {
            Some(Line {
                at: flush.at.clone(),
                epoch: flush.epoch,
                tick: input.tick,
                character: input.character,
                event: event(input, entity)?,
                columns: None,
                are_images_gone: flush.images.is_none(),
            })
        })
        .collect();
    // Images are of the flush as a whole: they stand with its last line that may have changed something.
    let last = lines.iter_mut().rev().find(|line| is_accepted(line));
    if let (Some(last), Some(images)) = (last, &flush.images) {
        last.columns = Some(columns_of(images, entity));
    }
    lines
}

fn is_accepted(line: &Line) -> bool {
    matches!(line.event, InputKind::Acted { code: Code::ACCEPTED, .. })
}

fn event(input: &Input, entity: EntityId) -> Option<InputKind> {
    let is_own = input.character == entity;
    let mut event = input.kind.clone();
    let is_told = match &mut event {
        InputKind::Acted { touched, .. } if !is_own => {
            touched.retain(|touched| touched.entity == entity);
            !touched.is_empty()
        }
        InputKind::Acted { .. } | InputKind::Joined { .. } | InputKind::Left => is_own,
    };
    is_told.then_some(event)
}

/// The values of an entity's components that are others than before. The entity's own row is left out: who has it, the
/// journal tells for longer.
fn columns_of(images: &[TableImages<'static>], entity: EntityId) -> Vec<ColumnChange> {
    let mut changes = Vec::new();
    for table in images.iter().filter(|table| table.table != "entities") {
        let rows = table.rows.iter().filter(|row| row.entity == entity);
        for RowImage { before, after, .. } in rows {
            for (place, column) in table.columns.iter().enumerate() {
                let cell = |row: &Option<Vec<ImageCell<'static>>>| row.as_ref()?.get(place).cloned();
                let (before, after) = (cell(before), cell(after));
                if before != after {
                    let (table, column) = (table.table.to_string(), column.to_string());
                    changes.push(ColumnChange { table, column, before, after });
                }
            }
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use holdfast_protocol::{ActionName, Blob, Nonce, Seq};

    use super::*;
    use crate::persistence::journal::Touched;

    const ADA: EntityId = EntityId(1);
    const BOB: EntityId = EntityId(3);
    const BERRY: EntityId = EntityId(6);

    fn acted(tick: u64, character: EntityId, code: Code, touched: &[Touched]) -> Input {
        let kind = InputKind::Acted {
            name: ActionName { seq: Seq(1), nonce: Nonce(0) },
            code,
            action: Blob(vec![4, 6]),
            touched: touched.to_vec(),
        };
        Input { tick: Tick(tick), character, kind }
    }

    fn took(from: Option<EntityId>, to: Option<EntityId>) -> Touched {
        Touched { entity: BERRY, home: HomeChange::Moved { from, to } }
    }

    fn images() -> Vec<TableImages<'static>> {
        let row = |entity, before, after| RowImage { entity, before, after };
        let slot = |slot| Some(vec![ImageCell::SmallInt(slot)]);
        vec![TableImages {
            table: "carried".into(),
            columns: vec!["slot".into()],
            rows: vec![row(BERRY, None, slot(0)), row(EntityId(8), slot(1), slot(2))],
        }]
    }

    #[test]
    fn a_line_tells_what_concerns_the_entity_and_the_images_stand_with_the_last() {
        let inputs = vec![
            acted(7, ADA, Code::ACCEPTED, &[took(None, Some(ADA))]),
            acted(7, BOB, Code::ACCEPTED, &[]),
            acted(8, ADA, Code::ACCEPTED, &[took(Some(ADA), Some(BOB))]),
            acted(8, BOB, Code(0x0401), &[]),
        ];
        let flush = Flush { at: "now".into(), epoch: Epoch(1), inputs, images: Some(images()) };
        let lines = lines_of(&flush, BERRY);
        assert_eq!(lines.iter().map(|line| line.tick).collect::<Vec<_>>(), [Tick(7), Tick(8)]);
        assert_eq!(lines[0].columns, None);
        let change = &lines[1].columns.as_ref().unwrap()[..];
        let [ColumnChange { table, column, before: None, after: Some(ImageCell::SmallInt(0)) }] = change
        else {
            panic!("{change:?}")
        };
        assert_eq!((table.as_str(), column.as_str()), ("carried", "slot"));

        let of_bob = lines_of(&flush, BOB);
        assert_eq!(of_bob.len(), 2, "what he did, also in vain");
        assert!(of_bob[0].columns.is_some() && of_bob[1].columns.is_none());
    }

    #[test]
    fn without_images_a_line_says_that_they_are_gone() {
        let inputs = vec![acted(7, ADA, Code::ACCEPTED, &[took(None, Some(ADA))])];
        let lines = lines_of(&Flush { at: "now".into(), epoch: Epoch(1), inputs, images: None }, BERRY);
        assert!(lines[0].are_images_gone && lines[0].columns.is_none());
        let InputKind::Acted { touched, .. } = &lines[0].event else { panic!("an action") };
        assert_eq!(touched, &[took(None, Some(ADA))], "who had it is known all the same");
    }
}
