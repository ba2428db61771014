use holdfast_protocol::{
    ChunkId, ChunkWrite, EntityWrite, Epoch, EpochTag, ErrorBody, Part, PartTag, Refusal, Reply, ResyncKind,
    Seq, TokenPoint, TokenStamp, Verdict, WorldId,
};
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;
use crate::copy::PENDING_BYTES_MAX;

fn at(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn core() -> ClientCore {
    ClientCore::new(BuildId([3; 16]), EntityId(1))
}

fn welcome(last_seq: u64, resync: ResyncKind) -> Vec<u8> {
    encode(&ServerMessage::Welcome(Welcome {
        world: WorldId(1),
        epoch: Epoch(1),
        tag: EpochTag(5),
        character: EntityId(1),
        last_seq: Seq(last_seq),
        conflict: false,
        resume: Blob(vec![7]),
        resync,
        tick_ms: 50,
        addresses: Vec::new(),
    }))
}

fn playing() -> ClientCore {
    let mut core = core();
    core.hello(at(0), "token".into());
    core.receive(at(0), &welcome(0, ResyncKind::SnapshotFresh));
    core.receive(at(0), &frame(None, Some(10), &[]));
    while core.next_send(at(0)).is_some() {}
    core
}

fn frame(from: Option<u64>, token: Option<u64>, verdicts: &[ActionName]) -> Vec<u8> {
    let verdicts =
        verdicts.iter().map(|name| Verdict { action: *name, code: Code::ACCEPTED, detail: [0; 4] }).collect();
    encode(&ServerMessage::Frame(Frame {
        from: from.map(|tick| TokenPoint { epoch: Epoch(1), tick: Tick(tick) }),
        verdicts,
        token: token.map(|tick| TokenStamp { tick: Tick(tick), center: ChunkId(0) }),
        ..Frame::default()
    }))
}

fn sent(core: &mut ClientCore, now: Duration) -> Vec<ClientMessage> {
    std::iter::from_fn(|| core.next_send(now)).map(|bytes| decode(&bytes).unwrap()).collect()
}

fn act(core: &mut ClientCore) -> ActionName {
    core.act(vec![1, 2], &mut StdRng::seed_from_u64(1)).unwrap()
}

#[test]
fn a_first_hello_shows_nothing_and_a_second_shows_all_that_is_held() {
    let mut core = playing();
    let name = act(&mut core);
    core.disconnected();
    let ClientMessage::Hello(hello) = decode(&core.hello(at(1), "next".into())).unwrap() else { panic!() };
    assert_eq!(hello.access_token, "next");
    assert_eq!(hello.resume, Some(Blob(vec![7])));
    assert_eq!(hello.held.unwrap().tick, Tick(10));
    assert_eq!(hello.oldest_unanswered, Some(name));

    let ClientMessage::Hello(hello) = decode(&self::core().hello(at(1), "t".into())).unwrap() else {
        panic!()
    };
    assert_eq!((hello.resume, hello.held, hello.oldest_unanswered), (None, None, None));
}

#[test]
fn nothing_but_hello_is_said_before_the_welcome() {
    let mut core = core();
    core.hello(at(0), "token".into());
    assert_eq!(sent(&mut core, at(0)), []);
    assert_eq!(core.act(vec![], &mut StdRng::seed_from_u64(1)), Err(CannotAct::NotWelcomed));
}

#[test]
fn an_adopted_token_is_told_to_both_sides() {
    let mut core = playing();
    let events = core.receive(at(50), &frame(Some(10), Some(11), &[]));
    assert!(matches!(events[..], [ClientEvent::Updated(token)] if token.tick == Tick(11)));
    core.receive(at(100), &frame(Some(11), Some(12), &[]));
    let applied = ClientMessage::Applied(Applied { tick: Tick(12) });
    assert_eq!(sent(&mut core, at(100)), [applied], "only the newest is worth telling");
}

#[test]
fn a_verdict_is_told_once_and_after_its_effect() {
    let mut core = playing();
    let name = act(&mut core);
    assert_eq!(sent(&mut core, at(0)).len(), 1);
    assert_eq!(core.receive(at(50), &frame(Some(10), None, &[name])), []);
    let events = core.receive(at(51), &frame(Some(10), Some(11), &[]));
    assert!(matches!(events[..], [ClientEvent::Updated(_), ClientEvent::Verdict(v)] if v.action == name));
    let again = core.receive(at(100), &frame(Some(11), Some(12), &[name]));
    assert!(matches!(again[..], [ClientEvent::Updated(_)]));
    assert_eq!(core.unanswered_count(), 0);
}

#[test]
fn a_verdict_is_final_whatever_its_code_also_one_that_is_retryable_where_it_closes_a_connection() {
    let mut core = playing();
    let name = act(&mut core);
    sent(&mut core, at(0));
    let verdict = Verdict { action: name, code: Code::INTERNAL, detail: [0; 4] };
    let message = ServerMessage::Frame(Frame {
        from: Some(TokenPoint { epoch: Epoch(1), tick: Tick(10) }),
        verdicts: vec![verdict],
        token: Some(TokenStamp { tick: Tick(11), center: ChunkId(0) }),
        ..Frame::default()
    });
    let events = core.receive(at(50), &encode(&message));
    assert!(matches!(events[..], [ClientEvent::Updated(_), ClientEvent::Verdict(told)] if told == verdict));
    core.disconnected();
    core.hello(at(60), "token".into());
    core.receive(at(60), &welcome(1, ResyncKind::Delta));
    assert_eq!(core.unanswered_count(), 0);
    assert!(sent(&mut core, at(60)).iter().all(|message| !matches!(message, ClientMessage::Act(_))));
}

#[test]
fn a_verdict_whose_frame_was_cut_off_is_told_at_the_loss() {
    let mut core = playing();
    let name = act(&mut core);
    core.receive(at(50), &frame(Some(10), None, &[name]));
    assert!(matches!(core.disconnected()[..], [ClientEvent::Verdict(v)] if v.action == name));
}

#[test]
fn a_reply_comes_before_its_verdict_and_a_strangers_reply_never() {
    let mut core = playing();
    let name = act(&mut core);
    let reply = |seq| Reply { seq, body: Blob(vec![4]) };
    let message = ServerMessage::Frame(Frame {
        from: Some(TokenPoint { epoch: Epoch(1), tick: Tick(10) }),
        verdicts: vec![Verdict { action: name, code: Code::ACCEPTED, detail: [0; 4] }],
        replies: vec![reply(name.seq), reply(Seq(99))],
        token: Some(TokenStamp { tick: Tick(11), center: ChunkId(0) }),
        ..Frame::default()
    });
    let events = core.receive(at(50), &encode(&message));
    assert!(matches!(events[..], [ClientEvent::Updated(_), ClientEvent::Reply(_), ClientEvent::Verdict(_)]));
}

#[test]
fn a_divergence_is_healed_by_one_snapshot() {
    let mut core = playing();
    let events = core.receive(at(50), &frame(Some(9), Some(11), &[]));
    assert!(matches!(events[..], [ClientEvent::Diverged(_)]));
    assert_eq!(sent(&mut core, at(50)), [ClientMessage::Resync(Resync { tick: Tick(11) })]);
    let name = act(&mut core);
    let under_way = core.receive(at(60), &frame(Some(11), Some(12), &[name]));
    assert!(matches!(under_way[..], [ClientEvent::Verdict(_)]), "verdicts count also while the copy is void");
    assert_eq!(sent(&mut core, at(60)), []);
    let healed = core.receive(at(100), &frame(None, Some(13), &[]));
    assert!(matches!(healed[..], [ClientEvent::Updated(_)]));
    assert_eq!(core.divergence_count(), 1);
}

#[test]
fn a_snapshot_that_does_not_come_is_asked_for_again() {
    let mut core = playing();
    core.receive(at(0), &frame(Some(9), Some(11), &[]));
    sent(&mut core, at(0));
    for ms in [2_000, 4_000] {
        core.receive(at(ms), &encode(&ServerMessage::Pong));
    }
    assert_eq!(core.clock(at(5_001)), None);
    assert_eq!(sent(&mut core, at(5_001)), [ClientMessage::Resync(Resync { tick: Tick(0) })]);
}

#[test]
fn a_stream_that_cannot_be_followed_is_left() {
    let mut core = playing();
    let huge = encode(&ServerMessage::Frame(Frame {
        from: Some(TokenPoint { epoch: Epoch(1), tick: Tick(10) }),
        lost: vec![ChunkId(1); PENDING_BYTES_MAX / 8 + 1],
        ..Frame::default()
    }));
    let events = core.receive(at(1), &huge);
    assert!(matches!(events.last(), Some(ClientEvent::Lost(LostCause::Protocol))));
    assert_eq!(core.receive(at(1), &[0xff]), [ClientEvent::Lost(LostCause::Protocol)]);
    assert_eq!(core.receive(at(1), &welcome(0, ResyncKind::Delta)), [ClientEvent::Lost(LostCause::Protocol)]);
}

#[test]
fn silence_is_a_loss_and_a_frame_a_second_is_not() {
    let mut core = playing();
    assert_eq!(core.clock(at(4_000)), None);
    core.receive(at(4_000), &frame(Some(10), Some(11), &[]));
    assert_eq!(core.clock(at(8_000)), None);
    assert_eq!(core.clock(at(8_001)), Some(ClientEvent::Lost(LostCause::Silent)));
    core.disconnected();
    assert_eq!(core.clock(at(99_000)), None);
}

#[test]
fn a_ping_is_sent_every_fifteen_seconds() {
    let mut core = playing();
    assert_eq!(sent(&mut core, at(14_999)), []);
    assert_eq!(sent(&mut core, at(15_000)), [ClientMessage::Ping]);
    assert_eq!(sent(&mut core, at(15_001)), []);
}

#[test]
fn refused_actions_are_sent_again_on_time() {
    let mut core = playing();
    let action = act(&mut core);
    sent(&mut core, at(0));
    let refusal = Refusal { action, code: Code::RATE_LIMITED, retry_after_ms: 120, expected: Seq(0) };
    let events = core.receive(at(10), &encode(&ServerMessage::Refused(refusal)));
    assert_eq!(events, [ClientEvent::Refused(refusal)]);
    assert_eq!(core.wake_at(), Some(at(130)));
    assert_eq!(sent(&mut core, at(130)).len(), 1);
}

#[test]
fn sixty_four_actions_are_carried_over_two_connections() {
    let mut core = playing();
    let mut rng = StdRng::seed_from_u64(2);
    let names: Vec<_> = (0..64).map(|_| core.act(vec![1], &mut rng).unwrap()).collect();
    for _ in 0..2 {
        core.disconnected();
        core.hello(at(10), "token".into());
        core.receive(at(10), &welcome(0, ResyncKind::Delta));
        assert_eq!(sent(&mut core, at(10)).len(), 64);
    }
    let events = core.receive(at(60), &frame(Some(10), Some(11), &names));
    assert_eq!(events.len(), 65);
    assert_eq!(core.unanswered_count(), 0);
}

#[test]
fn a_kept_client_resumes_without_its_copy() {
    let mut core = playing();
    let name = act(&mut core);
    let kept: Kept = decode(&encode(&core.keep())).unwrap();
    let mut after = ClientCore::from_kept(BuildId([3; 16]), kept);
    let ClientMessage::Hello(hello) = decode(&after.hello(at(0), "t".into())).unwrap() else { panic!() };
    assert_eq!(hello.resume, Some(Blob(vec![7])));
    assert_eq!((hello.held, hello.oldest_unanswered), (None, Some(name)));
}

#[test]
fn the_servers_last_word_is_told() {
    let error = ErrorBody::new(Code::REPLACED, 0, 9);
    assert_eq!(playing().receive(at(1), &encode(&ServerMessage::Error(error))), [ClientEvent::Closed(error)]);
}

#[test]
fn who_was_replaced_takes_the_character_back_without_the_token_of_before() {
    for (code, resume) in [(Code::REPLACED, None), (Code::SLOW_READER, Some(Blob(vec![7])))] {
        let mut core = playing();
        core.receive(at(1), &encode(&ServerMessage::Error(ErrorBody::new(code, 0, 9))));
        core.disconnected();
        let ClientMessage::Hello(hello) = decode(&core.hello(at(2), "t".into())).unwrap() else { panic!() };
        assert_eq!(hello.resume, resume);
    }
}

#[test]
fn nothing_is_said_after_leaving() {
    let mut core = playing();
    act(&mut core);
    core.leave();
    assert_eq!(sent(&mut core, at(1)), [ClientMessage::Leave]);
}

#[test]
fn a_light_client_says_and_hears_what_a_whole_one_does() {
    let entity = |id| EntityWrite {
        id: EntityId(id),
        whole: true,
        parts: vec![Part { tag: PartTag(1), body: Blob(vec![4]) }],
    };
    let first = encode(&ServerMessage::Frame(Frame {
        chunks: vec![ChunkWrite { chunk: ChunkId(3), entities: vec![entity(1), entity(3)] }],
        token: Some(TokenStamp { tick: Tick(10), center: ChunkId(3) }),
        ..Frame::default()
    }));
    let [whole, light] = [ClientCore::new, ClientCore::light].map(|make| {
        let mut core = make(BuildId([3; 16]), EntityId(1));
        let mut said = vec![decode(&core.hello(at(0), "token".into())).unwrap()];
        let mut heard = core.receive(at(0), &welcome(4, ResyncKind::SnapshotFresh));
        heard.extend(core.receive(at(1), &first));
        let (one, two) = (act(&mut core), act(&mut core));
        said.extend(sent(&mut core, at(1)));
        heard.extend(core.receive(at(2), &frame(Some(10), None, &[one])));
        heard.extend(core.receive(at(2), &frame(Some(10), Some(11), &[])));
        said.extend(sent(&mut core, at(15_001)));
        heard.extend(core.disconnected());
        said.push(decode(&core.hello(at(15_002), "token".into())).unwrap());
        heard.extend(core.receive(at(15_003), &welcome(5, ResyncKind::Delta)));
        said.extend(sent(&mut core, at(15_003)));
        heard.extend(core.receive(at(15_004), &frame(Some(11), Some(12), &[two])));
        ((said, heard, core.unanswered_count(), core.divergence_count()), core.copy().entity_count())
    });
    assert_eq!(light.0, whole.0);
    assert_eq!((whole.0.2, whole.0.3), (0, 0));
    assert_eq!((light.1, whole.1), (1, 2), "it knows where it is itself, and of nobody else");
}
