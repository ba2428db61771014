//! Whatever comes from outside and should not have: each gets a structured error or a verdict that says no, and the
//! database is afterwards what it was.
//!
//! What a single socket, route or rule refuses is shown beside it; here it is real servers that are asked, and their
//! tables that are compared.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "bad_input/frames.rs"]
mod frames;
#[path = "bad_input/http.rs"]
mod http;
#[path = "bad_input/ledger.rs"]
mod ledger;
#[path = "bad_input/tokens.rs"]
mod tokens;
#[path = "bad_input/village.rs"]
mod village;

use holdfast_client::{ActionsOf, Client, Heard, RawConnection, Settled};
use holdfast_protocol::{Code, CodeEntry, EntityId, ErrorBody, ServerMessage};
use holdfast_tests::door::{OPEN_DOOR, PATIENCE};
use holdfast_tests::{Door, Dump, TestServer};
use sqlx::PgConnection;

/// A server that takes as many connections as a test likes to make.
async fn start(game: &str) -> (TestServer, Door, PgConnection) {
    let world = TestServer::start_with(game, &OPEN_DOOR).await.unwrap();
    let door = Door::of(&world.server).await.unwrap();
    let connection = world.database.connect().await.unwrap();
    (world, door, connection)
}

/// Fails where the database is not what it was, also after everything until now has been written.
async fn assert_unchanged(before: &Dump, connection: &mut PgConnection) {
    let after = Dump::read_settled(connection).await.unwrap();
    assert_eq!(before.differences(&after), [""; 0]);
}

/// The same where rules have said no meanwhile: that they did is all that may be new.
async fn assert_unchanged_by_rules(before: &Dump, connection: &mut PgConnection) {
    let after = Dump::read_settled(connection).await.unwrap().without_verdicts();
    assert_eq!(before.differences(&after), [""; 0]);
}

/// Hears the last words of a server that has nothing else to say, and that it hangs up then.
async fn last_words(connection: &mut RawConnection, after: &str) -> ErrorBody {
    let error = match connection.hear(PATIENCE).await {
        Heard::Message(message) => match *message {
            ServerMessage::Error(error) => error,
            other => panic!("{after}: no error, but {other:?}"),
        },
        other => panic!("{after}: no error, but {other:?}"),
    };
    let entry = error.code.engine_entry().unwrap();
    assert_eq!((error.category, error.retryable), (entry.category, entry.retryable), "{after}");
    assert_eq!(connection.hear(PATIENCE).await, Heard::Closed, "{after}: nothing follows an error");
    error
}

/// The code of that name.
fn code_named(codes: &[CodeEntry], name: &str) -> Code {
    codes.iter().find(|entry| entry.name == name).unwrap_or_else(|| panic!("no code is named {name}")).code
}

/// Acts, and expects the verdict of this code: a durable answer in the action's own place.
async fn expect_verdict<G: ActionsOf>(client: &Client<G>, action: &G::Action, code: Code, what: &str) {
    let name = client.act(action).unwrap();
    let settled = client.wait_verdict(name, PATIENCE).await;
    assert!(
        matches!(settled, Some(Settled::Verdict(verdict)) if verdict.action == name && verdict.code == code),
        "{what}: {settled:?}, not {code}"
    );
}

/// The `seq` of the last action that the database knows to be decided for this character.
async fn last_seq(connection: &mut PgConnection, character: EntityId) -> i64 {
    sqlx::query_scalar("SELECT last_seq FROM holdfast.character_actions WHERE entity = $1")
        .bind(character.0.cast_signed())
        .fetch_one(connection)
        .await
        .unwrap()
}
