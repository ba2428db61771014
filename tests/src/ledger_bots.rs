//! Bots that play the ledger through whatever happens, and account for all of it afterwards.
//!
//! They transfer and append without waiting for answers. In the end the tables must say exactly what the answers said:
//! nothing that was acknowledged is missing, nothing is there twice, and nothing that was rejected is there at all.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use holdfast_client::{Client, ClientCore, ClientEvent};
use holdfast_devstack::Issuer;
use holdfast_protocol::{ActionName, Code, EntityId};
use ledger::action::{Append, Transfer, Verb};
use ledger::beginning::BALANCE_AT_FIRST;
use ledger_reading::tape_ids;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use sqlx::{Connection as _, PgConnection};
use tokio::task::JoinHandle;

use crate::door::{Door, Ledger, PATIENCE};
use crate::event_log::EventLog;

/// Eight accounts: a group that sees the same four tapes.
const NAMES: [&str; 8] = ["Ada", "Bob", "Cleo", "Dan", "Eve", "Fay", "Gus", "Hal"];

/// How long a bot rests between two actions: each is about as fast as a session may be.
const REST: Duration = Duration::from_millis(125);

/// How many answers each must have had to have played on.
const ANSWER_COUNT_MIN: usize = 5;

/// One who plays until it is told to stop.
#[derive(Debug)]
struct Bot {
    account: EntityId,
    client: Arc<Client<Ledger>>,
    log: EventLog,
    plays: JoinHandle<Vec<(ActionName, Verb)>>,
}

/// What the bots were told until some moment, each.
#[derive(Clone, Debug)]
pub struct Told {
    paused: Vec<usize>,
    lost: Vec<usize>,
    answered: Vec<usize>,
}

/// Eight bots of a ledger that nobody else plays; others may come in.
#[derive(Debug)]
pub struct LedgerBots {
    bots: Vec<Bot>,
    stop: Arc<AtomicBool>,
}

impl LedgerBots {
    /// How many they are.
    pub const COUNT: usize = NAMES.len();

    /// Lets them in, and begins to play.
    ///
    /// # Errors
    /// Where one of them does not get in.
    pub async fn start(door: &Door, issuer: &Issuer) -> Result<Self> {
        let mut players = Vec::new();
        for name in NAMES {
            let who = door.newcomer(issuer, name, "account").await?;
            let log = EventLog::default();
            let client = Arc::new(door.play::<Ledger>(&who, log.observer()));
            ensure!(client.wait_playing(PATIENCE).await, "{name} does not get in");
            players.push((who.character, client, log));
        }
        let accounts: Arc<[EntityId]> = players.iter().map(|(account, ..)| *account).collect();
        let stop = Arc::new(AtomicBool::new(false));
        let bots = players.into_iter().map(|(account, client, log)| {
            let plays = play(Arc::clone(&client), account, Arc::clone(&accounts), Arc::clone(&stop));
            Bot { account, client, log, plays: tokio::spawn(plays) }
        });
        Ok(Self { bots: bots.collect(), stop })
    }

    /// What they were told until now.
    #[must_use]
    pub fn told(&self) -> Told {
        let of = |count: fn(&EventLog) -> usize| self.bots.iter().map(|bot| count(&bot.log)).collect();
        Told { paused: of(paused_count), lost: of(lost_count), answered: of(|log| log.verdicts().len()) }
    }

    /// How many of them were told since then that the world stands still.
    #[must_use]
    pub fn paused_since(&self, told: &Told) -> usize {
        self.told().paused.iter().zip(&told.paused).filter(|(now, then)| now > then).count()
    }

    /// How many of them have lost their connection since then.
    #[must_use]
    pub fn lost_since(&self, told: &Told) -> usize {
        self.told().lost.iter().zip(&told.lost).filter(|(now, then)| now > then).count()
    }

    /// How many answers they have had since then, all together.
    #[must_use]
    pub fn answers_since(&self, told: &Told) -> usize {
        self.told().answered.iter().sum::<usize>() - told.answered.iter().sum::<usize>()
    }

    /// Waits until each of them has been answered some more than it was then.
    ///
    /// # Errors
    /// Where that does not happen.
    pub async fn play_on_since(&self, told: &Told) -> Result<()> {
        let plays_on = |now: &Told| {
            now.answered.iter().zip(&told.answered).all(|(now, then)| now - then >= ANSWER_COUNT_MIN)
        };
        self.wait_until("plays on", plays_on).await
    }

    /// Waits until each of them was told since then that the world stands still, or has lost its connection: who had
    /// a frame on its way as the connection to the store broke is told when it comes back. At least one was told.
    ///
    /// # Errors
    /// Where that does not happen.
    pub async fn all_are_told_since(&self, told: &Told) -> Result<()> {
        let more = |now: &[usize], then: &[usize], bot: usize| now[bot] > then[bot];
        let all = |now: &Told| {
            (0..told.paused.len())
                .all(|bot| more(&now.paused, &told.paused, bot) || more(&now.lost, &told.lost, bot))
        };
        self.wait_until("is told", all).await?;
        ensure!(self.paused_since(told) > 0, "nobody was told that the world stands still");
        Ok(())
    }

    async fn wait_until(&self, what: &str, mut holds: impl FnMut(&Told) -> bool) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !holds(&self.told()) {
            ensure!(Instant::now() < deadline, "not every bot {what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Ends the game, and compares what was answered with the tables.
    ///
    /// # Errors
    /// Where PostgreSQL cannot be asked.
    ///
    /// # Panics
    /// Where anything is lost, doubled, or there though it was rejected; where a copy was ever wrong.
    pub async fn settle(self, database: &str) -> Result<()> {
        self.stop.store(true, Ordering::Relaxed);
        let mut should_be: BTreeMap<_, _> =
            self.bots.iter().map(|bot| (bot.account, i64::from(BALANCE_AT_FIRST))).collect();
        let mut appended = BTreeMap::new();
        let mut database = PgConnection::connect(database).await?;
        for bot in self.bots {
            let asked = bot.plays.await?;
            assert!(bot.client.wait_settled(PATIENCE).await, "every action is answered");
            for (name, verb) in &asked {
                if !bot.log.only_verdict(*name).is_accepted() {
                    continue;
                }
                match verb {
                    Verb::Transfer(Transfer { to, amount }) => {
                        *should_be.entry(bot.account).or_default() -= amount;
                        *should_be.entry(*to).or_default() += amount;
                    }
                    Verb::Append(Append { tape, token }) => {
                        appended.insert((*tape, *token), 1);
                    }
                    Verb::Swap(_) | Verb::Read(_) | Verb::Pay(_) | Verb::OpenPots(_) => {}
                }
            }
            let decided: i64 =
                sqlx::query_scalar("SELECT last_seq FROM holdfast.character_actions WHERE entity = $1")
                    .bind(bot.account.0.cast_signed())
                    .fetch_one(&mut database)
                    .await?;
            assert_eq!(usize::try_from(decided)?, asked.len(), "each has its place, and no other");
            assert_eq!(bot.client.core(ClientCore::divergence_count), 0);
        }
        assert!(appended.len() > NAMES.len(), "the bots have played");
        // Who came in besides them was given nothing and gave nothing.
        let mut balances = balances(&mut database).await?;
        balances.retain(|id, balance| should_be.contains_key(id) || *balance != i64::from(BALANCE_AT_FIRST));
        assert_eq!(balances, should_be);
        assert_eq!(tokens(&mut database).await?, appended);
        Ok(())
    }
}

fn paused_count(log: &EventLog) -> usize {
    let paused = |event: &&ClientEvent| matches!(event, ClientEvent::Paused(paused) if paused.code == Code::STORE_UNAVAILABLE);
    log.count(paused)
}

fn lost_count(log: &EventLog) -> usize {
    log.count(|event| matches!(event, ClientEvent::Closed(_) | ClientEvent::Lost(_)))
}

/// Transfers and appends without waiting for answers; what was asked is returned.
async fn play(
    client: Arc<Client<Ledger>>,
    me: EntityId,
    accounts: Arc<[EntityId]>,
    stop: Arc<AtomicBool>,
) -> Vec<(ActionName, Verb)> {
    let mut rng = StdRng::seed_from_u64(me.0);
    let tapes = client.view(tape_ids);
    let mut asked = Vec::new();
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        let verb = if rng.random_ratio(1, 3) {
            // Unique among all: who, and its how manieth action.
            number += 1;
            Verb::Append(Append { tape: tapes[rng.random_range(0..tapes.len())], token: me.0 << 32 | number })
        } else {
            let to = accounts[rng.random_range(0..accounts.len())];
            Verb::Transfer(Transfer { to, amount: rng.random_range(1..400) })
        };
        // With 64 actions under way one waits, like everybody.
        if let Ok(name) = client.act(&verb) {
            asked.push((name, verb));
        }
        tokio::time::sleep(REST).await;
    }
    asked
}

async fn balances(database: &mut PgConnection) -> Result<BTreeMap<EntityId, i64>> {
    let rows: Vec<(i64, i64)> =
        sqlx::query_as("SELECT entity, balance FROM holdfast.purses").fetch_all(database).await?;
    Ok(rows.into_iter().map(|(id, balance)| (EntityId(id.cast_unsigned()), balance)).collect())
}

/// How often each token stands on each tape.
async fn tokens(database: &mut PgConnection) -> Result<BTreeMap<(EntityId, u64), usize>> {
    let rows: Vec<(i64, i64)> = sqlx::query_as("SELECT entity, unnest(tokens) FROM holdfast.tapes")
        .fetch_all(database)
        .await
        .context("read the tapes")?;
    let mut counts = BTreeMap::new();
    for (tape, token) in rows {
        *counts.entry((EntityId(tape.cast_unsigned()), token.cast_unsigned())).or_default() += 1;
    }
    Ok(counts)
}
