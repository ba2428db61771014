//! PostgreSQL sleeps under a world whose clients do not stop: some as they should, some that send and send, some that
//! never read, some that come in again and again. The server's memory stays within what its limits say, and stops
//! growing long before; when PostgreSQL wakes, all goes on.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use holdfast_client::RawConnection;
use holdfast_client::raw::Heard;
use holdfast_devstack::{Stack, StackOptions};
use holdfast_front::Limits;
use holdfast_protocol::{Act, ActionName, Blob, ClientMessage, Code, Nonce, Seq, ServerMessage, encode};
use holdfast_tests::door::{OPEN_DOOR, PATIENCE};
use holdfast_tests::{Door, LedgerBots, Resident};
use ledger::action::{Append, Verb};

/// How long PostgreSQL sleeps: twice as long as a flush's reply is waited for.
const ASLEEP: Duration = Duration::from_secs(20);

/// When everything that is bounded has reached its bound: each session has its 64 actions waiting after a few seconds,
/// and who does not read is closed after ten.
const FULL_AFTER: Duration = Duration::from_secs(12);

/// What may still be added after that: an allocator does not come to rest altogether.
const LATER_MAX: usize = 1024 * 1024;

/// How many send more than may wait, and read.
const TALKER_COUNT: usize = 24;

/// How many send, and never read.
const DEAF_COUNT: usize = 8;

/// How many come in again and again.
const CALLER_COUNT: usize = 8;

/// How fast somebody sends who does not stop: fast enough to be refused.
const SEND_EVERY: Duration = Duration::from_millis(25);

/// The memory that a process holds, in bytes.
fn rss(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

/// An action that is never answered twice the same: there is no such tape.
fn act(seq: u64) -> ClientMessage {
    let name = ActionName { seq: Seq(seq), nonce: Nonce(7) };
    let nowhere = Verb::Append(Append { tape: holdfast_protocol::EntityId(u64::MAX - 1), token: seq });
    ClientMessage::Act(Act { name, action: Blob(encode(&nowhere)) })
}

/// How often the crowd was refused.
#[derive(Debug, Default)]
struct Refused {
    busy: AtomicU32,
    joins: AtomicU32,
}

/// Sends without end. Who listens hears what comes in between.
async fn send(mut connection: RawConnection, listens: bool, refused: Arc<Refused>, stop: Arc<AtomicBool>) {
    for seq in 1.. {
        if stop.load(Ordering::Relaxed) || connection.send(&act(seq)).await.is_err() {
            return;
        }
        let until = Instant::now() + SEND_EVERY;
        while listens && Instant::now() < until {
            match connection.hear(SEND_EVERY).await {
                Heard::Message(message) => {
                    if matches!(&*message, ServerMessage::Refused(refusal) if refusal.code == Code::BUSY) {
                        refused.busy.fetch_add(1, Ordering::Relaxed);
                    }
                }
                Heard::Closed => return,
                Heard::Nonsense | Heard::Nothing => {}
            }
        }
        if !listens {
            tokio::time::sleep(SEND_EVERY).await;
        }
    }
}

/// Comes in, waits a moment for a word, and goes without one of its own.
async fn call(door: Arc<Door>, who: Resident, refused: Arc<Refused>, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::Relaxed) {
        if let Ok(mut connection) = door.knock().await
            && connection.send(&ClientMessage::Hello(door.hello(&who))).await.is_ok()
            && let Heard::Message(message) = connection.hear(Duration::from_millis(300)).await
            && matches!(&*message, ServerMessage::Error(error) if error.code == Code::STORE_UNAVAILABLE)
        {
            refused.joins.fetch_add(1, Ordering::Relaxed);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_is_bounded_while_postgresql_sleeps() {
    let mut options = StackOptions::new("ledger");
    options.environment = OPEN_DOOR.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let mut stack = Stack::start(options).await.unwrap();
    let door = Arc::new(Door::of(&stack.server).await.unwrap());
    let bots = LedgerBots::start(&door, &stack.issuer).await.unwrap();
    let (refused, stop) = (Arc::<Refused>::default(), Arc::<AtomicBool>::default());
    let mut crowd = Vec::new();
    for number in 0..TALKER_COUNT + DEAF_COUNT + CALLER_COUNT {
        let name = format!(
            "Crowd{}",
            char::from(b'a' + u8::try_from(number % 26).unwrap()).to_string().repeat(1 + number / 26)
        );
        let who = door.newcomer(&stack.issuer, &name, "account").await.unwrap();
        let (refused, stop) = (Arc::clone(&refused), Arc::clone(&stop));
        if number < TALKER_COUNT + DEAF_COUNT {
            let (connection, _) = door.enter(&who).await.unwrap();
            crowd.push(tokio::spawn(send(connection, number < TALKER_COUNT, refused, stop)));
        } else {
            crowd.push(tokio::spawn(call(Arc::clone(&door), who, refused, stop)));
        }
    }
    bots.play_on_since(&bots.told()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;

    let pid = stack.server.pid().unwrap();
    let (told, before) = (bots.told(), rss(pid));
    stack.postgres.freeze();
    let begun = Instant::now();
    let (mut most, mut most_when_full) = (before, before);
    while begun.elapsed() < ASLEEP {
        tokio::time::sleep(Duration::from_millis(200)).await;
        most = most.max(rss(pid));
        if begun.elapsed() < FULL_AFTER {
            most_when_full = most;
        }
    }
    stack.postgres.thaw();
    println!(
        "{} KiB more after {FULL_AFTER:?}, {} after {ASLEEP:?}",
        (most_when_full - before) / 1024,
        (most - before) / 1024
    );

    let session_count = LedgerBots::COUNT + TALKER_COUNT + DEAF_COUNT + CALLER_COUNT;
    assert!(most - before <= Limits::default().waiting_bytes_max(session_count), "{before} became {most}");
    assert!(most - most_when_full <= LATER_MAX, "{most_when_full} went on to {most}");
    assert!(refused.busy.load(Ordering::Relaxed) > 0, "nobody sent more than may wait");
    assert!(refused.joins.load(Ordering::Relaxed) > 0, "nobody was turned away");
    bots.all_are_told_since(&told).await.unwrap();

    stop.store(true, Ordering::Relaxed);
    bots.play_on_since(&told).await.unwrap();
    assert_eq!((stack.server.exit_status(), stack.server.pid()), (None, Some(pid)));
    for one in crowd {
        tokio::time::timeout(PATIENCE, one).await.unwrap().unwrap();
    }
    bots.settle(&stack.database_url()).await.unwrap();
}
