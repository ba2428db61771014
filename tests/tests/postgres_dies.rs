//! PostgreSQL is killed under a world that is played, and started again, twice: the server stays, its players are told,
//! and nothing that was acknowledged is lost or doubled.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use holdfast::Replicate as _;
use holdfast_client::{Client, ClientEvent};
use holdfast_devstack::{Stack, StackOptions};
use holdfast_protocol::{ActionName, Code, EntityId, PartTag};
use holdfast_tests::door::{Ledger, OPEN_DOOR, PATIENCE};
use holdfast_tests::{Door, EventLog};
use ledger::action::{Append, Transfer, Verb};
use ledger::beginning::BALANCE_AT_FIRST;
use ledger::component::Tape;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use sqlx::{Connection as _, PgConnection};
use tokio::task::JoinHandle;

const BOT_COUNT: usize = 8;

/// How long PostgreSQL is away: longer than the owner trusts itself.
const AWAY: Duration = Duration::from_secs(3);

/// Eight accounts: a group that sees the same four tapes.
const NAMES: [&str; BOT_COUNT] = ["Ada", "Bob", "Cleo", "Dan", "Eve", "Fay", "Gus", "Hal"];

/// One who plays until it is told to stop.
struct Bot {
    account: EntityId,
    client: Arc<Client<Ledger>>,
    log: EventLog,
    plays: Option<JoinHandle<Vec<(ActionName, Verb)>>>,
}

impl Bot {
    fn paused_count(&self) -> usize {
        self.log.count(
            |event| matches!(event, ClientEvent::Paused(paused) if paused.code == Code::STORE_UNAVAILABLE),
        )
    }

    fn lost_count(&self) -> usize {
        self.log.count(|event| matches!(event, ClientEvent::Closed(_) | ClientEvent::Lost(_)))
    }
}

/// Transfers and appends, about eight a second, without waiting for answers; what was asked is returned.
async fn play(
    client: Arc<Client<Ledger>>,
    me: EntityId,
    accounts: Vec<EntityId>,
    stop: Arc<AtomicBool>,
) -> Vec<(ActionName, Verb)> {
    let mut rng = StdRng::seed_from_u64(me.0);
    let tag = PartTag(Tape::TAG);
    let tapes: Vec<EntityId> = client.view(|copy| {
        let things = copy.chunks().flat_map(|(_, place)| place.entities());
        things.filter(|(_, parts)| parts.contains_key(&tag)).map(|(id, _)| id).collect()
    });
    let mut asked = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let verb = if rng.random_ratio(1, 3) {
            // Unique among all: who, and its how manieth action.
            let token = me.0 << 32 | u64::try_from(asked.len()).unwrap();
            Verb::Append(Append { tape: tapes[rng.random_range(0..tapes.len())], token })
        } else {
            let to = accounts[rng.random_range(0..accounts.len())];
            Verb::Transfer(Transfer { to, amount: rng.random_range(1..400) })
        };
        // With 64 actions under way one waits, like everybody.
        if let Ok(name) = client.act(&verb) {
            asked.push((name, verb));
        }
        tokio::time::sleep(Duration::from_millis(125)).await;
    }
    asked
}

/// Waits until this holds for every bot.
async fn wait_for_all(bots: &[Bot], what: &str, mut holds: impl FnMut(usize, &Bot) -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !bots.iter().enumerate().all(|(number, bot)| holds(number, bot)) {
        assert!(Instant::now() < deadline, "not every bot {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn balances(database: &mut PgConnection) -> BTreeMap<EntityId, i64> {
    let rows: Vec<(i64, i64)> =
        sqlx::query_as("SELECT entity, balance FROM holdfast.purses").fetch_all(database).await.unwrap();
    rows.into_iter().map(|(id, balance)| (EntityId(id.cast_unsigned()), balance)).collect()
}

/// How often each token stands on each tape.
async fn tokens(database: &mut PgConnection) -> BTreeMap<(EntityId, u64), usize> {
    let rows: Vec<(i64, i64)> = sqlx::query_as("SELECT entity, unnest(tokens) FROM holdfast.tapes")
        .fetch_all(database)
        .await
        .unwrap();
    let mut counts = BTreeMap::new();
    for (tape, token) in rows {
        *counts.entry((EntityId(tape.cast_unsigned()), token.cast_unsigned())).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_when_postgresql_dies_twice() {
    let mut options = StackOptions::new("ledger");
    options.environment = OPEN_DOOR.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let mut stack = Stack::start(options).await.unwrap();
    let pid = stack.server.pid();
    let door = Door::of(&stack.server).await.unwrap();
    let mut bots = Vec::new();
    for name in NAMES {
        let who = door.newcomer(&stack.issuer, name, "account").await.unwrap();
        let log = EventLog::default();
        let client = Arc::new(door.play::<Ledger>(&who, log.observer()));
        assert!(client.wait_playing(PATIENCE).await, "{name} plays");
        bots.push(Bot { account: who.character, client, log, plays: None });
    }
    let accounts: Vec<_> = bots.iter().map(|bot| bot.account).collect();
    let stop = Arc::new(AtomicBool::new(false));
    for bot in &mut bots {
        let game = play(Arc::clone(&bot.client), bot.account, accounts.clone(), Arc::clone(&stop));
        bot.plays = Some(tokio::spawn(game));
    }

    for _ in 0..2 {
        let answered: Vec<_> = bots.iter().map(|bot| bot.log.verdicts().len()).collect();
        wait_for_all(&bots, "is answered", |n, bot| bot.log.verdicts().len() > answered[n] + 4).await;
        let told: Vec<_> = bots.iter().map(|bot| (bot.paused_count(), bot.lost_count())).collect();

        stack.postgres.kill_group();
        tokio::time::sleep(AWAY).await;
        // A frame that was on its way as the connection broke may not be written any more, and ends its socket: who had
        // one is told when it comes back. It is a matter of milliseconds, so it is not everybody.
        let is_paused = |n: usize, bot: &Bot| bot.paused_count() > told[n].0;
        wait_for_all(&bots, "is told", |n, bot| is_paused(n, bot) || bot.lost_count() > told[n].1).await;
        let paused_count = bots.iter().enumerate().filter(|(n, bot)| is_paused(*n, bot)).count();
        assert!(paused_count > 0, "nobody was told that the world stands still");
        stack.postgres.start_again().await.unwrap();

        let answered: Vec<_> = bots.iter().map(|bot| bot.log.verdicts().len()).collect();
        wait_for_all(&bots, "plays on", |n, bot| bot.log.verdicts().len() > answered[n] + 4).await;
        assert_eq!((stack.server.exit_status(), stack.server.pid()), (None, pid), "the server stays");
    }

    stop.store(true, Ordering::Relaxed);
    let mut should_be: BTreeMap<_, _> =
        accounts.iter().map(|account| (*account, i64::from(BALANCE_AT_FIRST))).collect();
    let mut appended = BTreeMap::new();
    let mut database = PgConnection::connect(&stack.database_url()).await.unwrap();
    for bot in &mut bots {
        let asked = bot.plays.take().unwrap().await.unwrap();
        assert!(bot.client.wait_settled(PATIENCE).await, "every action is answered");
        for (name, verb) in &asked {
            let accepted = bot.log.only_verdict(*name).is_accepted();
            match verb {
                Verb::Transfer(Transfer { to, amount }) if accepted => {
                    *should_be.get_mut(&bot.account).unwrap() -= amount;
                    *should_be.get_mut(to).unwrap() += amount;
                }
                Verb::Append(Append { tape, token }) if accepted => {
                    appended.insert((*tape, *token), 1);
                }
                _ => {}
            }
        }
        let decided: i64 =
            sqlx::query_scalar("SELECT last_seq FROM holdfast.character_actions WHERE entity = $1")
                .bind(bot.account.0.cast_signed())
                .fetch_one(&mut database)
                .await
                .unwrap();
        assert_eq!(usize::try_from(decided).unwrap(), asked.len(), "each has its place, and no other");
        assert_eq!(bot.client.core(holdfast_client::ClientCore::divergence_count), 0);
    }
    assert!(appended.len() > BOT_COUNT, "the bots have played");
    assert_eq!(balances(&mut database).await, should_be);
    assert_eq!(tokens(&mut database).await, appended);
}
