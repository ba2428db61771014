//! A real process dies at each of its named instants, or its tick panics, while it is played: started again it has what
//! it acknowledged, and every action is done and answered once.
//!
//! The points are the cargo feature `sabotage`'s; what they are is in `docs/src/proved.md`.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use holdfast_client::{Client, ClientCore, ClientEvent};
use holdfast_protocol::{ActionName, Code, EntityId, ResyncKind};
use holdfast_tests::door::{Ledger, OPEN_DOOR, PATIENCE};
use holdfast_tests::{Door, EventLog, LedgerBots, TestServer};
use ledger::action::{Append, Verb};
use ledger_reading::tapes;
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::time::sleep;

/// How often it is looked whether what is waited for is there.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A tape of the group that everybody here is in.
const TAPE: EntityId = EntityId(2);

/// A ledger whose process dies where it is told to.
struct Doomed {
    world: TestServer,
    door: Door,
    folder: TempDir,
}

impl Doomed {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = file_in(&folder);
        let environment = [&OPEN_DOOR[..], &[("HOLDFAST_FAILPOINT", file.to_str().unwrap())]].concat();
        let world = TestServer::start_with("ledger-sabotaged", &environment).await.unwrap();
        let door = Door::of(&world.server).await.unwrap();
        Self { world, door, folder }
    }

    /// The next to strike, one a line.
    fn arm(&self, points: &str) {
        std::fs::write(file_in(&self.folder), points).unwrap();
    }

    /// Waits until the process has died of what is armed, and of nothing else.
    async fn wait_for_death(&mut self) {
        let status = self.world.server.wait_for_exit(PATIENCE).await.unwrap();
        let log = self.world.server.log_tail();
        assert_eq!(status.signal(), Some(Signal::KILL.as_raw()), "{log}");
        assert!(!file_in(&self.folder).exists(), "every point that was armed has struck: {log}");
    }

    async fn start_again(&mut self) {
        self.world.server.restart().await.unwrap();
    }

    async fn tokens(&self) -> Vec<u64> {
        let mut database = self.world.database.connect().await.unwrap();
        let tape = sqlx::query_scalar("SELECT tokens FROM holdfast.tapes WHERE entity = $1");
        let tokens: Vec<i64> = tape.bind(TAPE.0.cast_signed()).fetch_one(&mut database).await.unwrap();
        tokens.into_iter().map(i64::cast_unsigned).collect()
    }

    async fn player(&self, name: &str) -> Player {
        let who = self.door.newcomer(&self.world.issuer, name, "account").await.unwrap();
        let log = EventLog::default();
        let client = self.door.play::<Ledger>(&who, log.observer());
        assert!(client.wait_playing(PATIENCE).await, "{name} plays");
        Player { client, log }
    }
}

fn file_in(folder: &TempDir) -> PathBuf {
    folder.path().join("failpoints")
}

struct Player {
    client: Client<Ledger>,
    log: EventLog,
}

impl Player {
    fn append(&self, token: u64) -> ActionName {
        self.client.act(&Verb::Append(Append { tape: TAPE, token })).unwrap()
    }

    async fn code_of(&self, action: ActionName) -> Code {
        assert!(self.client.wait_verdict(action, PATIENCE).await.is_some(), "{action:?} is answered");
        self.log.only_verdict(action).code
    }

    fn is_answered(&self, action: ActionName) -> bool {
        self.log.verdicts().iter().any(|verdict| verdict.action == action)
    }

    fn sees(&self, token: u64) -> bool {
        self.client.view(tapes).iter().any(|(tape, tokens)| *tape == TAPE && tokens.contains(&token))
    }

    /// Whether its last connection is known to be gone, so that nothing of it is still to come. An attempt to connect
    /// that fails is lost as well.
    fn is_out(&self) -> bool {
        let is_in = |event: &ClientEvent| match event {
            ClientEvent::Welcomed(_) => Some(true),
            ClientEvent::Lost(_) => Some(false),
            _ => None,
        };
        self.log.all().iter().rev().find_map(is_in) == Some(false)
    }

    fn resyncs(&self) -> Vec<ResyncKind> {
        let kind = |event| match event {
            ClientEvent::Welcomed(welcomed) => Some(welcomed.resync),
            _ => None,
        };
        self.log.all().into_iter().filter_map(kind).collect()
    }
}

async fn wait(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        sleep(LOOK_EVERY).await;
    }
}

/// Where an action stands when the process dies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// PostgreSQL never hears of it.
    Nowhere,
    /// PostgreSQL commits it, with nobody there to hear of that.
    OnItsWay,
    /// It is committed, and nobody was told.
    Committed,
    /// It is committed, and one of two was told.
    HalfTold,
}

#[tokio::test]
async fn at_whatever_instant_of_a_flush_a_process_dies_its_actions_are_done_and_answered_once() {
    let mut doomed = Doomed::start().await;
    let (ada, bob) = (doomed.player("Ada").await, doomed.player("Bob").await);
    let instants = [
        ("BeforeFlush", Stands::Nowhere),
        ("FlushSent", Stands::OnItsWay),
        ("CommitUnread", Stands::Committed),
        ("ReplyBeforeGate", Stands::Committed),
        ("GateHalfOpen", Stands::HalfTold),
    ];
    let mut token = 0;
    for (point, stands) in instants {
        // Both have a frame of the same tick, and need none for a second.
        token += 1;
        assert_eq!(ada.code_of(ada.append(token)).await, Code::ACCEPTED);
        wait("Bob sees it too", || bob.sees(token)).await;

        doomed.arm(point);
        token += 1;
        let action = ada.append(token);
        doomed.wait_for_death().await;
        wait("both have noticed", || ada.is_out() && bob.is_out()).await;
        let told = [ada.sees(token), bob.sees(token)];
        assert_eq!(ada.is_answered(action), ada.sees(token), "{point}: effect and verdict are one frame");
        assert_eq!(told[0] != told[1], stands == Stands::HalfTold, "{point}: {told:?}");
        assert!(told != [true, true], "{point}");
        let deadline = Instant::now() + PATIENCE;
        while stands == Stands::OnItsWay && !doomed.tokens().await.contains(&token) {
            assert!(Instant::now() < deadline, "{point}: what was sent is committed");
            sleep(LOOK_EVERY).await;
        }
        let is_committed = doomed.tokens().await.contains(&token);
        assert_eq!(is_committed, stands != Stands::Nowhere, "{point}");

        doomed.start_again().await;
        assert_eq!(ada.code_of(action).await, Code::ACCEPTED, "{point}");
        wait("both are back", || !ada.is_out() && !bob.is_out()).await;
        wait("Bob sees it in the end", || bob.sees(token)).await;
        assert_eq!(doomed.tokens().await, (1..=token).collect::<Vec<_>>(), "{point}");
    }
    for player in [ada, bob] {
        assert_eq!(player.resyncs()[1..], [ResyncKind::Delta; 5], "it came back each time with what it held");
        assert_eq!(player.client.core(ClientCore::divergence_count), 0);
    }
}

#[tokio::test]
async fn a_process_that_dies_while_it_loads_its_world_loads_it_the_next_time() {
    let mut doomed = Doomed::start().await;
    let bots = LedgerBots::start(&doomed.door, &doomed.world.issuer).await.unwrap();
    bots.play_on_since(&bots.told()).await.unwrap();
    // Killed by another, and then twice in the attempt to come back.
    doomed.arm("BeforeFlush\nLoad\nLoad");
    for _ in 0..2 {
        doomed.world.server.wait_for_exit(PATIENCE).await.unwrap();
        doomed.world.server.spawn().unwrap();
    }
    doomed.wait_for_death().await;
    doomed.start_again().await;
    bots.play_on_since(&bots.told()).await.unwrap();
    bots.settle(&doomed.world.database.url()).await.unwrap();
}

#[tokio::test]
async fn who_was_attached_and_not_yet_welcomed_when_the_process_died_resumes_with_what_it_held() {
    let mut doomed = Doomed::start().await;
    let bots = LedgerBots::start(&doomed.door, &doomed.world.issuer).await.unwrap();
    let zoe = doomed.player("Zoe").await;
    bots.play_on_since(&bots.told()).await.unwrap();
    for point in ["Attach", "AttachedUnwelcomed 3"] {
        doomed.world.server.kill9();
        doomed.arm(point);
        // Those who come back bring it about.
        doomed.world.server.spawn().unwrap();
        doomed.wait_for_death().await;
        doomed.start_again().await;
        bots.play_on_since(&bots.told()).await.unwrap();
    }
    bots.settle(&doomed.world.database.url()).await.unwrap();
    let resyncs = zoe.resyncs();
    assert_eq!(resyncs[0], ResyncKind::SnapshotFresh);
    assert!(resyncs.len() > 2 && resyncs[1..].iter().all(|kind| *kind == ResyncKind::Delta), "{resyncs:?}");
}

#[tokio::test]
async fn an_action_at_which_a_tick_panics_is_rejected_and_costs_its_process_one_reload() {
    let mut doomed = Doomed::start().await;
    let (ada, bob) = (doomed.player("Ada").await, doomed.player("Bob").await);
    let pid = doomed.world.server.pid();
    doomed.arm("TickPanic 2");
    assert_eq!(ada.code_of(ada.append(1)).await, Code::ACCEPTED);
    let guilty = ada.append(2);
    assert_eq!(ada.code_of(guilty).await, Code::INTERNAL);
    assert_eq!(bob.code_of(bob.append(3)).await, Code::ACCEPTED);
    assert_eq!(doomed.tokens().await, [1, 3]);
    assert_eq!((doomed.world.server.exit_status(), doomed.world.server.pid()), (None, pid));
    let is_reload = |event: &&ClientEvent| matches!(event, ClientEvent::Closed(error) if error.code == Code::WORLD_RELOADED);
    assert_eq!((ada.log.count(is_reload), bob.log.count(is_reload)), (1, 1));
}

#[tokio::test]
async fn a_process_that_dies_while_its_world_begins_anew_begins_anew_when_it_is_started() {
    let mut doomed = Doomed::start().await;
    let bots = LedgerBots::start(&doomed.door, &doomed.world.issuer).await.unwrap();
    // Between two worlds, and in the midst of the second.
    for then in ["Reload", "Load"] {
        bots.play_on_since(&bots.told()).await.unwrap();
        doomed.arm(&format!("TickPanic 5\n{then}"));
        doomed.wait_for_death().await;
        doomed.start_again().await;
    }
    bots.play_on_since(&bots.told()).await.unwrap();
    bots.settle(&doomed.world.database.url()).await.unwrap();
}
