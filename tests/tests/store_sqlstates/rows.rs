//! Rows that PostgreSQL will not take: the error names table, constraint and whose row it is, and nothing that is in it.

use holdfast::persistence::chat::ChatLine;
use holdfast::persistence::durable::{Cell, Row};
use holdfast::persistence::rows::{CharacterRow, ComponentRow, EntityRow, TickRows};
use holdfast::persistence::store::{StoreError, StoreErrorClass, StoreReply};
use holdfast_protocol::{EntityId, Seq, SessionEpoch};

use crate::setup::Setup;
use crate::tables::TABLES;

/// How many entities are in a batch besides the one that is refused.
const OTHER_COUNT: u64 = 40;

/// Whose row is refused.
const CULPRIT: EntityId = EntityId(2_026);

/// What a player said, and nobody else may read.
const SAID: &str = "meet me at the well";

/// A row of `samples` that is taken.
fn sample(count: i32) -> Vec<Cell> {
    vec![
        Cell::Bool(true),
        Cell::SmallInt(1),
        Cell::Int(count),
        Cell::BigInt(1),
        Cell::Text(SAID.to_owned()),
        Cell::Bytes(vec![1]),
        Cell::BigInts(vec![]),
        Cell::Text(SAID.to_owned()),
    ]
}

impl Setup {
    /// A batch of many whole entities, in whose midst this row of `samples` stands.
    fn batch_with(&self, culprit: &[Cell]) -> TickRows {
        let mut rows = TickRows::new(TABLES.len());
        let tick = self.tick.next();
        let around = (0..OTHER_COUNT).map(|number| EntityId(2_000 + 2 * number));
        for (number, id) in around.enumerate() {
            let cells = if id == CULPRIT { culprit.to_vec() } else { sample(i32::try_from(number).unwrap()) };
            rows.entities.insert(id, Some(EntityRow { tick, kind: 7, home: None, entered: tick }));
            rows.components[0].insert(id, Some(ComponentRow { tick, row: Row(cells) }));
            rows.components[2].insert(id, Some(ComponentRow { tick, row: Row(vec![]) }));
            let ring = vec![1; 641];
            let character = CharacterRow { tick, last_seq: Seq(1), session_epoch: SessionEpoch(1), ring };
            rows.characters.insert(EntityId(id.0 + 1), character);
        }
        rows
    }

    /// What becomes of that batch; the world is as it was, and the connection is good.
    async fn refused(&mut self, rows: TickRows) -> StoreError {
        let flush = self.flush_of(rows);
        let error = self.failing(flush).await;
        assert_eq!(error.class, StoreErrorClass::Permanent, "{error}");
        assert!(!format!("{error} {error:?}").contains("well"), "{error:?}");
        let held: i64 = sqlx::query_scalar("SELECT count(*) FROM holdfast.entities WHERE kind = 7")
            .fetch_one(&mut self.owner)
            .await
            .unwrap();
        assert_eq!(held, 0, "what is tried in search of the row is not written");
        self.goes_on(StoreErrorClass::RetryNow).await;
        error
    }
}

/// Where the error says that it is.
fn place(error: &StoreError) -> (Option<&str>, Option<&str>, Option<EntityId>) {
    (error.table.as_deref(), error.constraint.as_deref(), error.entity)
}

#[tokio::test]
async fn a_row_that_breaks_a_check_is_named() {
    let mut setup = Setup::new().await;
    setup.run("ALTER TABLE holdfast.samples ADD CONSTRAINT never_13 CHECK (count <> -13)").await;
    let rows = setup.batch_with(&sample(-13));
    let error = setup.refused(rows).await;
    assert_eq!(error.sqlstate, "23514", "{error}");
    assert_eq!(place(&error), (Some("samples"), Some("never_13"), Some(CULPRIT)));
    assert!(error.to_string().ends_with("; table samples; entity 2026; constraint never_13"), "{error}");
}

#[tokio::test]
async fn a_row_that_another_one_rules_out_is_named() {
    let mut setup = Setup::new().await;
    setup.run("CREATE UNIQUE INDEX counts ON holdfast.samples (count)").await;
    let first_too = setup.batch_with(&sample(0));
    let error = setup.refused(first_too).await;
    assert_eq!(
        (error.sqlstate.as_str(), place(&error)),
        ("23505", (Some("samples"), Some("counts"), Some(CULPRIT)))
    );
    // The constraint is asked only at the commit.
    setup
        .run(
            "DROP INDEX holdfast.counts;
             ALTER TABLE holdfast.samples ADD CONSTRAINT late UNIQUE (count) DEFERRABLE INITIALLY DEFERRED",
        )
        .await;
    let first_too = setup.batch_with(&sample(0));
    let error = setup.refused(first_too).await;
    assert_eq!(
        (error.sqlstate.as_str(), place(&error)),
        ("23505", (Some("samples"), Some("late"), Some(CULPRIT)))
    );
}

#[tokio::test]
async fn a_row_without_a_value_is_named() {
    let mut setup = Setup::new().await;
    let mut cells = sample(1);
    cells[4] = Cell::Null;
    let rows = setup.batch_with(&cells);
    let error = setup.refused(rows).await;
    assert_eq!((error.sqlstate.as_str(), place(&error)), ("23502", (Some("samples"), None, Some(CULPRIT))));
}

#[tokio::test]
async fn a_row_whose_numbers_do_not_fit_is_named_with_its_table() {
    let mut setup = Setup::new().await;
    // PostgreSQL names no table here.
    setup
        .run(
            "ALTER TABLE holdfast.samples
                ADD COLUMN twice smallint GENERATED ALWAYS AS ((2 * count)::smallint) STORED",
        )
        .await;
    let rows = setup.batch_with(&sample(40_000));
    let error = setup.refused(rows).await;
    assert_eq!((error.sqlstate.as_str(), place(&error)), ("22003", (Some("samples"), None, Some(CULPRIT))));
}

#[tokio::test]
async fn a_row_with_a_character_that_no_text_can_hold_is_named() {
    let mut setup = Setup::new().await;
    let mut cells = sample(1);
    cells[4] = Cell::Text(format!("{SAID}\0"));
    let rows = setup.batch_with(&cells);
    let error = setup.refused(rows).await;
    assert_eq!((error.sqlstate.as_str(), place(&error)), ("22021", (Some("samples"), None, Some(CULPRIT))));
}

#[tokio::test]
async fn a_row_of_the_engines_own_is_named() {
    let mut setup = Setup::new().await;
    let mut rows = setup.batch_with(&sample(1));
    rows.characters.get_mut(&EntityId(CULPRIT.0 + 1)).unwrap().ring = vec![1; 801];
    let error = setup.refused(rows).await;
    let check = Some("character_actions_ring_check");
    let expected = (Some("character_actions"), check, Some(EntityId(CULPRIT.0 + 1)));
    assert_eq!((error.sqlstate.as_str(), place(&error)), ("23514", expected));
}

#[tokio::test]
async fn who_said_what_no_text_can_hold_is_named() {
    let mut setup = Setup::new().await;
    let mut rows = setup.batch_with(&sample(1));
    for speaker in (2_001..2_040).step_by(2).map(EntityId) {
        let end = if speaker.0 == CULPRIT.0 + 1 { "\0" } else { "" };
        let (channel, text) = ("nearby".to_owned(), format!("{SAID}{end}"));
        rows.chat.push(ChatLine { tick: setup.tick.next(), speaker, channel, text });
    }
    let error = setup.refused(rows).await;
    let expected = (Some("chat"), None, Some(EntityId(CULPRIT.0 + 1)));
    assert_eq!((error.sqlstate.as_str(), place(&error)), ("22021", expected));
}

#[tokio::test]
async fn a_row_that_cannot_be_sent_is_named() {
    let mut setup = Setup::new().await;
    let mut cells = sample(1);
    cells[4] = Cell::Bool(true);
    let rows = setup.batch_with(&cells);
    let error = setup.refused(rows).await;
    assert_eq!((error.sqlstate.as_str(), place(&error)), ("", (Some("samples"), None, Some(CULPRIT))));
}

#[tokio::test]
async fn what_is_no_rows_fault_names_none() {
    let mut setup = Setup::new().await;
    setup
        .run(
            "CREATE FUNCTION holdfast.two() RETURNS trigger LANGUAGE plpgsql
             AS 'BEGIN NEW.tick := (SELECT generate_series(1, 2)); RETURN NEW; END';
             CREATE TRIGGER two BEFORE DELETE ON holdfast.samples FOR EACH ROW EXECUTE FUNCTION holdfast.two()",
        )
        .await;
    let rows = setup.batch_with(&sample(1));
    assert_eq!(setup.store.carry_out(setup.flush_of(rows)).await, StoreReply::Flushed);
    setup.tick = setup.tick.next();
    let mut rows = TickRows::new(TABLES.len());
    rows.components[0].insert(CULPRIT, None);
    let flush = setup.flush_of(rows);
    let error = setup.failing(flush).await;
    assert_eq!((error.class, error.sqlstate.as_str()), (StoreErrorClass::Permanent, "21000"), "{error}");
    assert_eq!(place(&error), (None, None, None));
}
