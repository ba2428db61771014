//! A world that has been played for long starts as fast as a person waits: 100,000 things lie in it, and 10,000
//! characters with full bags are in nobody's way, since a start loads none of them.
//!
//! `cargo test --release --package holdfast-tests --test start_full -- --nocapture` measures what people get. Built for
//! debugging, and on a machine that does other things meanwhile, only the server's own work is bounded.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::time::{Duration, Instant};

use holdfast_protocol::EntityId;
use holdfast_tests::door::{OPEN_DOOR, PATIENCE, Village};
use holdfast_tests::{Door, EventLog, TestServer};
use sqlx::Executor as _;

/// What a start may take, from the process to its being ready.
const START_MAX: Duration = Duration::from_secs(2);

/// How long the server may work for it, where it is built for debugging: about three times what it does.
const WORK_MAX: Duration = Duration::from_secs(15);

/// How many things lie in the village.
const ITEM_COUNT: i64 = 100_000;

/// How many have ever played, each with five things in its bag.
const CHARACTER_COUNT: i64 = 10_000;

/// Things all over the map; characters that stand where everybody comes in, had they been loaded.
const FILL: &str = "
    CREATE TEMPORARY TABLE lying AS SELECT 1000000 + 2 * n AS id, n FROM generate_series(1::bigint, 100000) AS n;
    CREATE TEMPORARY TABLE people AS SELECT 1000001 + 2 * n AS id, n FROM generate_series(1::bigint, 10000) AS n;
    CREATE TEMPORARY TABLE bags AS SELECT 2000000 + 2 * (5 * n + slot) AS id, people.id AS owner, slot
        FROM people, generate_series(0, 4) AS slot;
    CREATE TEMPORARY TABLE spawn AS SELECT w.id AS world, w.tick FROM holdfast.worlds AS w;
    UPDATE holdfast.worlds SET next_id = 10000000;
    INSERT INTO holdfast.accounts (issuer, subject) SELECT 'https://id.example', 'person ' || n FROM people;
    INSERT INTO holdfast.characters (id, world, account, name, archetype) OVERRIDING SYSTEM VALUE
        SELECT p.id, s.world, a.id, 'Q' || translate(lpad(p.n::text, 6, '0'), '0123456789', 'abcdefghij'), 'villager'
        FROM spawn AS s, people AS p JOIN holdfast.accounts AS a ON a.subject = 'person ' || p.n;
    INSERT INTO holdfast.character_actions
        SELECT s.world, p.id, s.tick, 64, 1, '\\x01'::bytea || decode(repeat('00', 640), 'hex')
        FROM spawn AS s, people AS p;
    INSERT INTO holdfast.entities (world, entity, tick, kind, home, entered)
        SELECT s.world, l.id, s.tick, 2, NULL, s.tick FROM spawn AS s, lying AS l
        UNION ALL SELECT s.world, p.id, s.tick, 1, p.id, s.tick FROM spawn AS s, people AS p
        UNION ALL SELECT s.world, b.id, s.tick, 2, b.owner, s.tick FROM spawn AS s, bags AS b;
    INSERT INTO holdfast.positions (world, entity, tick, x, y, facing)
        SELECT s.world, l.id, s.tick, l.n % 256, (l.n / 256) % 256, 0 FROM spawn AS s, lying AS l
        UNION ALL SELECT s.world, p.id, s.tick, 100 + p.n % 30, 100, 0 FROM spawn AS s, people AS p;
    INSERT INTO holdfast.vitals SELECT s.world, p.id, s.tick, 100, 100 FROM spawn AS s, people AS p;
    INSERT INTO holdfast.items (world, entity, tick, kind, count)
        SELECT s.world, l.id, s.tick, 1, 1 FROM spawn AS s, lying AS l
        UNION ALL SELECT s.world, b.id, s.tick, 1, 1 FROM spawn AS s, bags AS b;
    INSERT INTO holdfast.carried SELECT s.world, b.id, s.tick, b.slot FROM spawn AS s, bags AS b;
    ANALYZE";

/// How long a process has worked until now, on all processors together.
fn processor_time(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // After the name, which stands in parentheses: user and system time are the 12th and 13th field, in hundredths.
    let fields: Vec<_> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let hundredths: u64 = fields[11..13].iter().map(|field| field.parse::<u64>().unwrap()).sum();
    Duration::from_millis(10 * hundredths)
}

#[tokio::test]
async fn a_world_of_100_000_things_and_10_000_characters_starts_at_once() {
    let mut world = TestServer::start_with("village", &OPEN_DOOR).await.unwrap();
    world.server.signal_stop();
    world.server.wait_for_exit(PATIENCE).await.unwrap();
    let mut database = world.database.connect().await.unwrap();
    database.execute(FILL).await.unwrap();
    let mut count = async |of: &str| -> i64 {
        let question = format!("SELECT count(*) FROM holdfast.entities WHERE {of}");
        sqlx::query_scalar(sqlx::AssertSqlSafe(question)).fetch_one(&mut database).await.unwrap()
    };
    assert!(count("home IS NULL").await >= ITEM_COUNT && count("kind = 1").await == CHARACTER_COUNT);

    let begun = Instant::now();
    world.server.restart().await.unwrap();
    let (took, worked) = (begun.elapsed(), processor_time(world.server.pid().unwrap()));
    println!("ready after {:.2} s, {:.2} s of work", took.as_secs_f64(), worked.as_secs_f64());
    assert!(worked <= WORK_MAX, "it worked for {worked:?}");
    assert!(cfg!(debug_assertions) || took <= START_MAX, "it took {took:?}");

    // All of it is there, and nobody of those who do not play.
    let door = Door::of(&world.server).await.unwrap();
    let who = door.newcomer(&world.issuer, "Ada", "villager").await.unwrap();
    let client = door.play::<Village>(&who, EventLog::default().observer());
    assert!(client.wait_playing(PATIENCE).await);
    let seen: Vec<EntityId> =
        client.view(|copy| copy.chunks().flat_map(|(_, place)| place.ids().collect::<Vec<_>>()).collect());
    assert!(seen.len() > 5_000, "only {} things are in view", seen.len());
    let people: Vec<_> = seen.into_iter().filter(|id| id.is_character()).collect();
    assert_eq!(people, [who.character], "a start loads nobody's character");
}
