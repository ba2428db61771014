//! Codes that a trigger raises: of each, what the store makes of it and how it goes on.

use holdfast::persistence::store::StoreErrorClass::{
    self, Fenced, Halt, Permanent, RetryLater, RetryNow, Unknown,
};

use crate::setup::Setup;

/// Raises the code in the first update of the world's row from now on, and then never again.
async fn raise_once(setup: &mut Setup, sqlstate: &str) {
    setup
        .run(&format!(
            "CREATE OR REPLACE FUNCTION holdfast.trouble() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN
                 IF nextval('holdfast.troubles') = 1 THEN
                     RAISE EXCEPTION 'raised by a test' USING ERRCODE = '{sqlstate}';
                 END IF;
                 RETURN NEW;
             END $$;
             ALTER SEQUENCE holdfast.troubles RESTART"
        ))
        .await;
}

async fn with_trigger() -> Setup {
    let mut setup = Setup::new().await;
    setup
        .run(
            "CREATE SEQUENCE holdfast.troubles;
             GRANT USAGE ON SEQUENCE holdfast.troubles TO PUBLIC;
             CREATE FUNCTION holdfast.trouble() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
             CREATE TRIGGER trouble BEFORE UPDATE ON holdfast.worlds
                FOR EACH ROW EXECUTE FUNCTION holdfast.trouble()",
        )
        .await;
    setup
}

async fn all_are(class: StoreErrorClass, sqlstates: &[&str]) {
    let mut setup = with_trigger().await;
    for sqlstate in sqlstates {
        raise_once(&mut setup, sqlstate).await;
        let flush = setup.next_flush();
        let error = setup.failing(flush).await;
        assert_eq!((error.class, error.sqlstate.as_str()), (class, *sqlstate), "{error}");
        assert!(error.message.contains("raised by a test"), "{error}");
        // The world goes on, also where a server would not ask it to.
        setup.goes_on(class).await;
    }
}

#[tokio::test]
async fn what_is_gone_in_a_moment_is_tried_again_at_once() {
    all_are(RetryNow, &["40001", "40P01", "55P03"]).await;
}

#[tokio::test]
async fn what_may_last_is_tried_again_later() {
    all_are(RetryLater, &["53100", "53200", "53300", "57014", "57P03", "58030"]).await;
}

#[tokio::test]
async fn what_may_be_committed_is_looked_up_on_a_new_connection() {
    let codes = ["57P01", "57P02", "57P04", "57P05", "08003", "08006", "08007", "40003", "25P03", "25P02"];
    all_are(Unknown, &codes).await;
}

#[tokio::test]
async fn who_may_not_write_is_fenced() {
    all_are(Fenced, &["GW001", "GW002", "25006", "28000", "28P01", "42501"]).await;
}

#[tokio::test]
async fn what_can_never_be_written_kills_its_batch() {
    all_are(Permanent, &["21000", "22001", "22003", "22021", "23502", "23503", "23505", "23514"]).await;
}

#[tokio::test]
async fn what_only_a_person_can_mend_halts() {
    all_are(Halt, &["42703", "42883", "42P01", "42804", "XX000", "XX001", "XX002", "P0001", "0A000"]).await;
}
