//! Who had an item, when and by which action: told by the command from the journal, also over a `kill -9`; and what
//! somebody said stands nowhere in it.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::process::{Command, Output};
use std::time::Duration;

use holdfast_client::Client;
use holdfast_devstack::server::WORLD;
use holdfast_devstack::server::binary::binary;
use holdfast_protocol::{Code, EntityId};
use holdfast_tests::door::{OPEN_DOOR, PATIENCE, Village};
use holdfast_tests::{Door, EventLog, Resident, TestServer};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor as _};
use village::action::{Drop, PickUp, Say, Verb};
use village::map::Terrain;

/// Everybody's first berry, once it lies where they arrive.
const BERRY: EntityId = EntityId(2);

/// A village in which a berry lies where everybody arrives.
async fn start() -> (TestServer, Door) {
    let mut world = TestServer::start_with("village", &OPEN_DOOR).await.unwrap();
    let mut database = world.database.connect().await.unwrap();
    let is_laid_out = "SELECT EXISTS (SELECT FROM holdfast.positions WHERE entity = 2)";
    while !sqlx::query_scalar::<_, bool>(is_laid_out).fetch_one(&mut database).await.unwrap() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    world.server.kill9();
    let spawn = Terrain::built_in().spawn();
    let put =
        format!("UPDATE holdfast.positions SET x = {}, y = {} WHERE entity = {BERRY}", spawn.x, spawn.y);
    database.execute(AssertSqlSafe(put)).await.unwrap();
    world.server.restart().await.unwrap();
    let door = Door::of(&world.server).await.unwrap();
    (world, door)
}

async fn newcomer(world: &TestServer, door: &Door, name: &str) -> (Resident, Client<Village>) {
    let who = door.newcomer(&world.issuer, name, "villager").await.unwrap();
    let client = door.play::<Village>(&who, EventLog::default().observer());
    assert!(client.wait_playing(PATIENCE).await, "{name} plays");
    (who, client)
}

async fn act(client: &Client<Village>, verb: Verb) -> Code {
    let name = client.act(&verb).unwrap();
    client.wait_verdict(name, PATIENCE).await.unwrap().code()
}

fn history(world: &TestServer, arguments: &[&str]) -> Output {
    Command::new(binary("village").unwrap())
        // Somebody who may read, and nothing else.
        .env("DATABASE_URL", world.database.postgres().reader_url(world.database.name()))
        .env("HOLDFAST_WORLD", WORLD)
        .arg("history")
        .args(arguments)
        .output()
        .unwrap()
}

fn told(world: &TestServer, arguments: &[&str]) -> String {
    let output = history(world, arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn refused(world: &TestServer, arguments: &[&str]) -> String {
    let output = history(world, arguments);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

/// A line without its moment and its tick, which no test knows.
fn plain(line: &str) -> String {
    line.split_once("  tick ").unwrap().1.split_once("  ").unwrap().1.to_owned()
}

#[tokio::test]
async fn history_tells_who_had_a_berry_also_over_a_kill() {
    let (mut world, door) = start().await;
    let (ada, client) = newcomer(&world, &door, "Ada").await;
    let (bob, other) = newcomer(&world, &door, "Bob").await;
    let item = BERRY.0.to_string();
    assert!(
        told(&world, &["--item", &item]).starts_with("The journal tells nothing of item 2"),
        "nobody has"
    );

    assert_eq!(act(&client, Verb::PickUp(PickUp { item: BERRY })).await, Code::ACCEPTED);
    assert_ne!(act(&other, Verb::PickUp(PickUp { item: BERRY })).await, Code::ACCEPTED);
    assert_eq!(act(&client, Verb::Drop(Drop { item: BERRY })).await, Code::ACCEPTED);
    world.server.kill9();
    world.server.restart().await.unwrap();
    assert_eq!(act(&other, Verb::PickUp(PickUp { item: BERRY })).await, Code::ACCEPTED);

    let (ada_id, bob_id) = (ada.character, bob.character);
    let text = told(&world, &["--item", &item]);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    let expected = format!("Ada ({ada_id})  pick_up  accepted  item 2: from the world to Ada ({ada_id})  (");
    assert!(plain(lines[0]).starts_with(&expected), "{text}");
    assert!(lines[0].contains("carried.slot – → 0"), "{text}");
    assert!(plain(lines[1]).contains(&format!("drop  accepted  item 2: from Ada ({ada_id}) to the world")));
    assert!(plain(lines[2]).starts_with(&format!("Bob ({bob_id})  pick_up  accepted")), "{text}");
    assert_eq!(lines[3], format!("Now item 2 is with Bob ({bob_id})."));

    let of_bob = told(&world, &["--character", &bob_id.0.to_string()]);
    let of_bob: Vec<_> = of_bob.lines().collect();
    for (place, what) in ["came in", "pick_up  not_there", "came in", "pick_up  accepted"].iter().enumerate()
    {
        // After the kill he came back, as a session that went on or as a new one.
        let found = plain(of_bob[place]).replace("came back", "came in");
        assert!(found.starts_with(&format!("Bob ({bob_id})  {what}")), "{of_bob:?}");
    }

    // The images go first; who had it is known for as long as the journal.
    let mut database = world.database.connect().await.unwrap();
    database.execute("TRUNCATE holdfast.row_images").await.unwrap();
    let text = told(&world, &["--item", &item]);
    let first = plain(text.lines().next().unwrap());
    assert!(first.ends_with(&format!("item 2: from the world to Ada ({ada_id})")), "{text}");

    let document: Value =
        serde_json::from_str(&told(&world, &["--item", &item, "--json", "--limit", "2"])).unwrap();
    assert_eq!(document["older_left_out"], true);
    assert_eq!(document["home"], bob_id.0);
    let lines = document["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["verb"], &lines[1]["verb"]), (&Value::from("drop"), &Value::from("pick_up")));
    assert_eq!(lines[1]["touched"][0]["to"], bob_id.0);
    assert_eq!(lines[1]["rows_known"], false);
    assert!(lines[0]["epoch"].as_u64() < lines[1]["epoch"].as_u64(), "the restart is between the two");
}

#[tokio::test]
async fn what_history_cannot_tell_it_says() {
    let (world, door) = start().await;
    assert!(refused(&world, &["--item", "4000000"]).contains("there is no item 4000000 in world"));
    assert!(refused(&world, &["--character", "4001"]).contains("there is no character 4001 in world"));
    assert!(refused(&world, &["--item", "7"]).contains("ask with --character 7"));
    assert!(refused(&world, &["--item", "2", "--world", "nowhere"]).contains("no world called \"nowhere\""));
    assert!(refused(&world, &["--item", "2", "--since", "soon"]).contains("\"soon\" is no moment"));
    let none = told(&world, &["--item", "2", "--since", "24h"]);
    assert!(none.contains("tells nothing of item 2 in the time"), "{none}");
    assert!(none.contains("Now item 2 is with the world."), "{none}");
    assert!(told(&world, &["--item", "2", "--since", "2026-01-01 00:00Z"]).contains("Now item 2"));
    let absent = door.newcomer(&world.issuer, "Ada", "villager").await.unwrap().character;
    let told_of_absent = told(&world, &["--character", &absent.0.to_string()]);
    assert!(
        told_of_absent.contains(&format!("Ada ({absent}) has never come into the world.")),
        "{told_of_absent}"
    );
    let away = history(&world, &["--item", "2", "--database-url", "postgres:///w?host=/nowhere"]);
    assert_eq!(away.status.code(), Some(1));
    assert!(String::from_utf8(away.stderr).unwrap().starts_with("connect to PostgreSQL to read the journal"));
}

#[tokio::test]
async fn what_is_said_is_kept_in_chat_and_nowhere_else() {
    const CANARY: &str = "Kanarienvogel";
    let (world, door) = start().await;
    let (ada, client) = newcomer(&world, &door, "Ada").await;
    let say = |text: String| Verb::Say(Say { text });
    assert_eq!(act(&client, say(format!("  Seht, ein {CANARY}! "))).await, Code::ACCEPTED);
    for refused in [CANARY.repeat(40), format!("{CANARY}\u{7}")] {
        assert_ne!(act(&client, say(refused)).await, Code::ACCEPTED);
    }
    let mut database = world.database.connect().await.unwrap();
    for (table, column) in [("journal", "inputs"), ("row_images", "images")] {
        let (all, with): (i64, i64) = sqlx::query_as(AssertSqlSafe(format!(
            "SELECT count(*), count(*) FILTER (WHERE position($1 IN {column}) > 0 OR to_jsonb(t)::text LIKE '%' || $2 || '%')
             FROM holdfast.{table} AS t"
        )))
        .bind(CANARY.as_bytes())
        .bind(CANARY)
        .fetch_one(&mut database)
        .await
        .unwrap();
        assert!(all > 0, "{table} has rows");
        assert_eq!(with, 0, "{table}");
    }
    let kept: Vec<(i64, String, String)> = sqlx::query_as("SELECT speaker, channel, text FROM holdfast.chat")
        .fetch_all(&mut database)
        .await
        .unwrap();
    let expected = format!("Seht, ein {CANARY}!");
    assert_eq!(kept, [(ada.character.0.cast_signed(), "nearby".to_owned(), expected)]);
    let told = told(&world, &["--character", &ada.character.0.to_string()]);
    assert!(told.contains("say  accepted") && !told.contains(CANARY), "{told}");
    assert!(told.contains("say  text_too_long") && told.contains("say  text_not_printable"), "{told}");
}
