//! What is read back is what was written: to the last finding.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use holdfast_client::Divergence;
use holdfast_protocol::{
    ActionName, ChunkId, Code, EntityId, Epoch, Nonce, Refusal, ResyncKind, Seq, Tick, TokenPoint,
};
use proptest::prelude::*;

use super::*;
use crate::history::view::{Adopted, View};
use crate::{Commits, End, Evidence, Findings, History, Meaning, check};

/// A file in memory.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    /// A history that is saved here.
    pub(crate) fn history(&self) -> History {
        let mut history = History::default();
        history.save_to(Writer::new(self.clone(), "ledger").unwrap());
        history
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) fn read(bytes: &[u8]) -> Reader<&[u8]> {
    Reader::new(bytes).unwrap()
}

const TAPE: EntityId = EntityId(100);

fn name(seq: u64) -> ActionName {
    ActionName { seq: Seq(seq), nonce: Nonce(7) }
}

/// Something that happens to one of three characters.
#[derive(Clone, Debug)]
enum Step {
    Invoke(u64, Meaning),
    End(u64, End),
    Reply(u64, Vec<u64>),
    Adopt { at: TokenPoint, from: Option<TokenPoint>, center: u64, shown: usize, given: i64 },
    Told(u8, u64),
}

fn point() -> impl Strategy<Value = TokenPoint> {
    (1..3_u64, 0..6_u64).prop_map(|(epoch, tick)| TokenPoint { epoch: Epoch(epoch), tick: Tick(tick) })
}

fn step() -> impl Strategy<Value = Step> {
    let meaning = prop_oneof![
        (0..9_u64).prop_map(|entry| Meaning::Append { tape: TAPE, entry }),
        Just(Meaning::Read { tape: TAPE }),
        (0..9_i64).prop_map(|amount| Meaning::Transfer { to: EntityId(3), amount }),
        Just(Meaning::Other),
    ];
    let end = prop_oneof![
        4 => Just(End::Accepted),
        1 => Just(End::Rejected(Code(300))),
        1 => Just(End::GivenUp(Code(9))),
    ];
    let adopt = (point(), proptest::option::of(point()), 0..2_u64, 0..6_usize, 0..3_i64);
    prop_oneof![
        3 => (0..9_u64, meaning).prop_map(|(seq, meaning)| Step::Invoke(seq, meaning)),
        3 => (0..9_u64, end).prop_map(|(seq, end)| Step::End(seq, end)),
        1 => (0..9_u64, proptest::collection::vec(0..9_u64, 0..4)).prop_map(|(seq, list)| Step::Reply(seq, list)),
        4 => adopt.prop_map(|(at, from, center, shown, given)| Step::Adopt { at, from, center, shown, given }),
        2 => (0..8_u8, 0..5_u64).prop_map(|(what, number)| Step::Told(what, number)),
    ]
}

fn tell(history: &mut History, character: EntityId, step: &Step) {
    match step {
        Step::Invoke(seq, meaning) => {
            let invoked = history.stamp();
            history.invoke(character, name(*seq), *meaning, invoked);
        }
        Step::End(seq, end) => history.end(character, name(*seq), *end),
        Step::Reply(seq, entries) => history.reply(character, Seq(*seq), entries),
        Step::Adopt { at, from, center, shown, given } => {
            let view = View {
                tapes: vec![(TAPE, (0..9).take(*shown).collect())],
                items: vec![(EntityId(50), character), (EntityId(52), EntityId(3))],
                balances: [(EntityId(1), 1_000 - given), (EntityId(3), 1_000)][..1 + shown % 2].to_vec(),
            };
            let (shared_hash, own_hash) = (given.unsigned_abs(), 7);
            let center = ChunkId(*center);
            let adopted =
                Adopted { at: *at, center, from: *from, shared_hash, own_hash, compared: at.tick.0, view };
            history.adopt(character, &adopted);
        }
        Step::Told(what, number) => match what {
            0 => history.greeted(character, number % 2 == 1),
            1 => history.welcomed(character, ResyncKind::SnapshotExpired, Seq(*number)),
            2 => history.refused(
                character,
                &Refusal { action: name(1), code: Code::SEQ_GAP, retry_after_ms: 0, expected: Seq(*number) },
            ),
            3 => history.diverged(character, &Divergence::MixedParts),
            4 => history.left(character),
            5 => history.paused(character),
            6 => history.client_ended(character),
            _ => history.faults_are_over(),
        },
    }
}

fn found_live_and_again(
    steps: &[(u64, u64, Step)],
    end: &FinalState,
    commits: Option<&Commits>,
) -> [Findings; 2] {
    let file = Shared::default();
    let mut history = file.history();
    history.resumable_for(Duration::from_secs(60));
    let mut now = Duration::ZERO;
    for (pause, character, step) in steps {
        now += Duration::from_millis(*pause);
        history.set_now(now);
        tell(&mut history, EntityId(1 + 2 * character), step);
    }
    let beginning = Beginning { balance: 1_000, items: Vec::new(), items_each: Some(1) };
    let mut samples = Samples::default();
    samples.look(&beginning, end);
    let trace = history.end_trace().unwrap();
    let evidence = Evidence {
        commits,
        samples: Some(&samples),
        fresh_within: commits.map(|_| Duration::from_millis(20)),
        ..Evidence::new(&history, &beginning, end)
    };
    trace.close(&evidence).unwrap();
    let replay = Replay::read(read(&file.bytes())).unwrap();
    let counts = |history: &History| (history.paused_count, history.divergence_count, history.ended_count);
    assert_eq!(counts(&replay.history), counts(&history));
    assert_eq!((replay.world.as_str(), replay.event_count), ("ledger", steps.len() + 1));
    [evidence.check(), replay.findings().unwrap()]
}

proptest! {
    /// Whatever is told, most of it untrue: the same is found when it is told again.
    #[test]
    fn the_same_is_found_again(
        steps in proptest::collection::vec((0..2_000_u64, 0..3_u64, step()), 0..60),
        stored in proptest::collection::vec(0..9_u64, 0..6),
        balance in 990..1_010_i64,
        ticks in proptest::option::of(proptest::collection::vec((0..6_u64, 0..6_u64), 0..5)),
    ) {
        let end = FinalState {
            tapes: [(TAPE, stored)].into(),
            balances: [(EntityId(1), balance), (EntityId(3), 1_000)].into(),
            items: [(EntityId(50), Some(EntityId(1))), (EntityId(52), None)].into(),
            misplaced: Vec::new(),
        };
        let commit = |(from, to)| {
            let at = Some(Duration::from_secs(from));
            Commit { epoch: Epoch(1), from: Tick(from), to: Tick(to), changed: true, at }
        };
        let commits = ticks.map(|ticks| Commits { list: ticks.into_iter().map(commit).collect(), with_beats: true });
        let [live, again] = found_live_and_again(&steps, &end, commits.as_ref());
        prop_assert_eq!(live, again);
    }
}

/// A file with four events, and at least one record of each kind.
fn small_file() -> Vec<u8> {
    let file = Shared::default();
    let mut history = file.history();
    let appended = Meaning::Append { tape: TAPE, entry: 11 };
    history.set_now(Duration::from_millis(5));
    for step in [Step::Invoke(1, appended), Step::End(1, End::Accepted)] {
        tell(&mut history, EntityId(1), &step);
    }
    let at = TokenPoint { epoch: Epoch(1), tick: Tick(4) };
    for character in [1, 3] {
        let step = Step::Adopt { at, from: None, center: 0, shown: 0, given: 1 };
        tell(&mut history, EntityId(character), &step);
    }
    let trace = history.end_trace().unwrap();
    let end = FinalState { tapes: [(TAPE, vec![11])].into(), ..FinalState::default() };
    let commit = Commit { epoch: Epoch(1), from: Tick(0), to: Tick(4), changed: true, at: None };
    let (commits, beginning) = (Commits { list: vec![commit], with_beats: true }, Beginning::default());
    let evidence = Evidence {
        commits: Some(&commits),
        samples: Some(&Samples::default()),
        ..Evidence::new(&history, &beginning, &end)
    };
    trace.close(&evidence).unwrap();
    file.bytes()
}

#[test]
fn a_file_is_cut_off_wherever_its_run_was() {
    let whole = small_file();
    let head = MAGIC.len() + 2 + 4 + 1 + "ledger".len() + 1;
    let mut event_counts = Vec::new();
    for length in head..whole.len() {
        let replay = Replay::read(read(&whole[..length])).unwrap();
        assert_eq!(replay.findings(), None, "{length} bytes are not the whole run");
        event_counts.push(replay.event_count);
    }
    assert!(event_counts.is_sorted());
    event_counts.dedup();
    assert_eq!(event_counts, [0, 1, 2, 3, 4], "up to the last whole event");
    let replay = Replay::read(read(&whole)).unwrap();
    assert_eq!(replay.findings().map(|findings| (findings.accepted, findings.lost)), Some((1, 0)));
}

/// What [`small_file`] holds, as it was written when the version was last raised.
const SMALL_FILE: &str = "686f6c64666173742d686973746f727902000800000000066c65646765721600000001010100c096b102000101070064\
    0b010100c096b1020d00000001010100c096b102010101070011000000020001016400010232013403010101ce0f1100\
    000001020100c096b1020801010400000107040a000000020000000001000300001100000001020100c096b102080301\
    040000010704040000000300000004000000040000000200000005010600000006010004010009000000070164010b00\
    000000";

#[test]
fn another_form_has_another_version() {
    let hex: String = small_file().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, SMALL_FILE, "files that are there would be misread: raise VERSION");
}

#[test]
fn a_torn_record_is_told_from_an_end() {
    let whole = small_file();
    for (length, is_torn) in [(whole.len(), false), (whole.len() - 1, true)] {
        let mut reader = read(&whole[..length]);
        assert!(reader.by_ref().all(|record| record.is_ok()));
        assert_eq!(reader.is_torn(), is_torn);
    }
}

#[test]
fn what_is_no_trace_is_refused() {
    let mut other = small_file();
    other[MAGIC.len()] = 99;
    let refused = |bytes: &[u8]| Reader::new(bytes).map(|_| ()).unwrap_err();
    assert!(matches!(refused(&other), TraceError::OtherVersion(99)));
    for foreign in [&b""[..], b"{\"a\": 1}", &MAGIC, b"a text that is longer than any head would be"] {
        assert!(matches!(refused(foreign), TraceError::Foreign));
    }
}

#[test]
fn damaged_bytes_are_found_and_never_followed() {
    let whole = small_file();
    let head = MAGIC.len() + 2;
    let mut length = whole.clone();
    length[head + 12..head + 16].copy_from_slice(&[0xff; 4]);
    let errors = |bytes: &[u8]| Replay::read(read(bytes)).err();
    assert!(matches!(errors(&length), Some(TraceError::Damaged(2))), "{:?}", errors(&length));
    // Whatever byte is turned, reading ends, and takes no more than there is.
    for place in head..whole.len() {
        let mut turned = whole.clone();
        turned[place] ^= 0xff;
        if let Ok(reader) = Reader::new(turned.as_slice()) {
            let _ = Replay::read(reader);
        }
    }
}

#[test]
fn an_event_that_cannot_be_saved_is_told_in_the_end() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // The head goes in, no event does.
            if bytes.len() > 16 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(bytes.len()) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut history = History::default();
    history.save_to(Writer::new(Full, "ledger").unwrap());
    history.diverged(EntityId(1), &Divergence::MixedParts);
    history.greeted(EntityId(1), false);
    let trace = history.end_trace().unwrap();
    let (beginning, end) = (Beginning::default(), FinalState::default());
    let failure = trace.close(&Evidence::new(&history, &beginning, &end)).unwrap_err();
    assert_eq!(failure.kind(), io::ErrorKind::StorageFull);
    assert!(!check(&history, &beginning, &end).hold(), "the history itself is whole");
}
