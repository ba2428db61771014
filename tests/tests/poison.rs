//! What can never be decided or written, against a real server and a real PostgreSQL: the same process goes on, one
//! action is rejected, and nobody loses what was acknowledged. Every order of events is tried in `poison_sim`.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::time::{Duration, Instant};

use holdfast_client::{ActionsOf, Client, ClientCore, ClientEvent};
use holdfast_protocol::{ActionName, Code, EntityId};
use holdfast_tests::door::{OPEN_DOOR, PATIENCE};
use holdfast_tests::faulty::fuse::FUSE_TOKEN;
use holdfast_tests::faulty::{DEBT_MAX, Explode, FaultyVerb, Overdraw};
use holdfast_tests::{Door, EventLog, Resident, TestServer};
use ledger::action::Append;
use tokio::time::sleep;

/// How long the world may be away while it is loaded anew.
const RELOAD_MAX: Duration = Duration::from_secs(2);

/// A tape of the group that everybody here is in.
const TAPE: EntityId = EntityId(2);

struct Faulty;

impl ActionsOf for Faulty {
    type Action = FaultyVerb;
}

struct Player {
    who: Resident,
    client: Client<Faulty>,
    log: EventLog,
}

impl Player {
    async fn join(world: &TestServer, door: &Door, name: &str) -> Self {
        let who = door.newcomer(&world.issuer, name, "account").await.unwrap();
        let log = EventLog::default();
        let client = door.play::<Faulty>(&who, log.observer());
        assert!(client.wait_playing(PATIENCE).await, "{name} plays");
        Self { who, client, log }
    }

    fn act(&self, verb: &FaultyVerb) -> ActionName {
        self.client.act(verb).unwrap()
    }

    /// What the action was answered, once it is.
    async fn code_of(&self, action: ActionName) -> Code {
        assert!(self.client.wait_verdict(action, PATIENCE).await.is_some(), "{action:?} is answered");
        self.log.only_verdict(action).code
    }

    fn reloads_heard(&self) -> usize {
        let is_reload = |event: &&ClientEvent| matches!(event, ClientEvent::Closed(error) if error.code == Code::WORLD_RELOADED && error.retryable);
        self.log.count(is_reload)
    }
}

fn append(token: u64) -> FaultyVerb {
    FaultyVerb::Append(Append { tape: TAPE, token })
}

async fn start(names: &[&str]) -> (TestServer, Vec<Player>) {
    let world = TestServer::start_with("ledger-faulty", &OPEN_DOOR).await.unwrap();
    let door = Door::of(&world.server).await.unwrap();
    let mut players = Vec::new();
    for name in names {
        players.push(Player::join(&world, &door, name).await);
    }
    (world, players)
}

/// The number of the world's latest ownership: a reload takes the next.
async fn epoch(world: &TestServer) -> i64 {
    let mut database = world.database.connect().await.unwrap();
    sqlx::query_scalar("SELECT epoch FROM holdfast.worlds").fetch_one(&mut database).await.unwrap()
}

async fn tokens(world: &TestServer) -> Vec<i64> {
    let mut database = world.database.connect().await.unwrap();
    let tape = sqlx::query_scalar("SELECT tokens FROM holdfast.tapes WHERE entity = $1");
    tape.bind(TAPE.0.cast_signed()).fetch_one(&mut database).await.unwrap()
}

#[tokio::test]
async fn a_verb_that_panics_costs_the_same_process_one_reload_and_one_rejection() {
    let (mut world, players) = start(&["Ada", "Bob"]).await;
    let [ada, bob] = &players[..] else { unreachable!() };
    let before = (world.server.pid(), epoch(&world).await);
    assert_eq!(ada.code_of(ada.act(&append(1))).await, Code::ACCEPTED);

    let began = Instant::now();
    let explode = ada.act(&FaultyVerb::Explode(Explode {}));
    let after = ada.act(&append(2));
    let other = bob.act(&append(3));
    assert_eq!(ada.code_of(explode).await, Code::INTERNAL);
    println!(
        "from the action that panics to its verdict, reload and reconnect in between: {:?}",
        began.elapsed()
    );
    assert_eq!(ada.code_of(after).await, Code::ACCEPTED, "the client goes on behind it");
    assert_eq!(bob.code_of(other).await, Code::ACCEPTED, "and so does everybody else");

    assert_eq!(world.server.exit_status(), None);
    assert_eq!(
        (world.server.pid(), epoch(&world).await),
        (before.0, before.1 + 1),
        "one reload in one process"
    );
    for player in &players {
        assert_eq!(player.reloads_heard(), 1);
        assert_eq!(player.client.welcome_count(), 2, "it came back by itself");
        assert_eq!(player.client.core(ClientCore::divergence_count), 0);
    }
    let mut stored = tokens(&world).await;
    stored.sort_unstable();
    assert_eq!(stored, [1, 2, 3]);
    let mut database = world.database.connect().await.unwrap();
    let balance: i64 = sqlx::query_scalar("SELECT balance FROM holdfast.purses WHERE entity = $1")
        .bind(ada.who.character.0.cast_signed())
        .fetch_one(&mut database)
        .await
        .unwrap();
    assert_eq!(balance, 1_000, "half an effect is none");

    // The rejection is durable: whoever starts the server again, it stands.
    world.server.kill9();
    world.server.restart().await.unwrap();
    assert_eq!(ada.code_of(ada.act(&append(4))).await, Code::ACCEPTED);
    assert_eq!(ada.log.only_verdict(explode).code, Code::INTERNAL);
}

#[tokio::test]
async fn the_world_is_open_again_within_two_seconds() {
    let (world, players) = start(&["Ada"]).await;
    let [ada] = &players[..] else { unreachable!() };
    ada.act(&FaultyVerb::Explode(Explode {}));
    let deadline = Instant::now() + PATIENCE;
    let wait = |what: &'static str, is_there: Box<dyn Fn() -> bool>| async move {
        while !is_there() {
            assert!(Instant::now() < deadline, "{what}");
            sleep(Duration::from_millis(5)).await;
        }
        Instant::now()
    };
    let log = ada.log.clone();
    let told = wait(
        "she is told",
        Box::new(move || log.count(|event| matches!(event, ClientEvent::Closed(_))) == 1),
    )
    .await;
    let log = ada.log.clone();
    let back = wait(
        "she is back",
        Box::new(move || log.count(|event| matches!(event, ClientEvent::Welcomed(_))) == 2),
    )
    .await;
    println!("from the last word of the old world to the first of the new: {:?}", back - told);
    assert!(back - told <= RELOAD_MAX, "{:?}: {}", back - told, world.server.log_tail());
}

#[tokio::test]
async fn of_several_actions_in_a_batch_that_cannot_be_written_the_guilty_one_is_found_with_two_reloads() {
    let (mut world, players) = start(&["Ada", "Bob", "Cleo"]).await;
    let [ada, bob, cleo] = &players[..] else { unreachable!() };
    let before = (world.server.pid(), epoch(&world).await);

    // While somebody else holds the world's row nothing is written. The world stands still three ticks later, and the
    // tick after that decides all that came meanwhile.
    let mut holder = world.database.connect().await.unwrap();
    sqlx::raw_sql("BEGIN; SELECT 1 FROM holdfast.worlds FOR UPDATE").execute(&mut holder).await.unwrap();
    sleep(Duration::from_millis(1_500)).await;
    let innocent = [(ada, ada.act(&append(1))), (ada, ada.act(&append(2))), (cleo, cleo.act(&append(3)))];
    let guilty = bob.act(&FaultyVerb::Overdraw(Overdraw { amount: DEBT_MAX + 1 }));
    let after = bob.act(&append(4));
    sleep(Duration::from_millis(300)).await;
    sqlx::raw_sql("COMMIT").execute(&mut holder).await.unwrap();

    assert_eq!(bob.code_of(guilty).await, Code::INTERNAL);
    assert_eq!(bob.code_of(after).await, Code::ACCEPTED);
    for (player, action) in innocent {
        assert_eq!(player.code_of(action).await, Code::ACCEPTED);
    }
    assert_eq!(world.server.exit_status(), None);
    assert_eq!(
        (world.server.pid(), epoch(&world).await),
        (before.0, before.1 + 2),
        "{}",
        world.server.log_tail()
    );
    let mut stored = tokens(&world).await;
    stored.sort_unstable();
    assert_eq!(stored, [1, 2, 3, 4]);
    let log = std::fs::read_to_string(world.server.log()).unwrap();
    assert!(log.contains("debt_is_bearable") && log.contains("debts"), "{}", world.server.log_tail());
}

#[tokio::test]
async fn a_hazard_that_writes_an_impossible_value_halts_the_server_and_is_named() {
    let (mut world, players) = start(&["Ada"]).await;
    let [ada] = &players[..] else { unreachable!() };
    assert_eq!(ada.code_of(ada.act(&append(FUSE_TOKEN))).await, Code::ACCEPTED);
    let status = world.server.wait_for_exit(PATIENCE).await.unwrap();
    let log = std::fs::read_to_string(world.server.log()).unwrap();
    assert_eq!(status.code(), Some(1), "starting it again unchanged would not help: {log}");
    let last = log.lines().last().unwrap();
    for place in ["23514", "debts", "debt_is_bearable", &format!("entity {TAPE}")] {
        assert!(last.contains(place), "{place} in {last}");
    }
    assert_eq!(tokens(&world).await, [FUSE_TOKEN.cast_signed()], "what was acknowledged stands");
}
