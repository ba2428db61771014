//! Frames that are none, too large, or out of turn.

use holdfast_client::RawConnection;
use holdfast_protocol::{
    Act, ActionName, Blob, BuildId, CLIENT_FRAME_BYTES_MAX, ClientMessage, Code, HELLO_FRAME_BYTES_MAX,
    Hello, Nonce, Refusal, Seq, ServerMessage, encode,
};
use holdfast_tests::door::PATIENCE;
use holdfast_tests::{Dump, Resident};
use village::action::{Look, Verb};

use crate::{assert_unchanged, last_seq, last_words, start};

fn act(seq: u64, action: Vec<u8>) -> ClientMessage {
    let name = ActionName { seq: Seq(seq), nonce: Nonce(7) };
    ClientMessage::Act(Act { name, action: Blob(action) })
}

fn look(seq: u64) -> ClientMessage {
    act(seq, encode(&Verb::Look(Look {})))
}

/// A Hello of exactly so many bytes.
fn hello_of(bytes: usize, hello: &Hello) -> Vec<u8> {
    let mut long = hello.clone();
    // The token's length takes two bytes on the wire instead of one or two; the second step makes up for it.
    for _ in 0..2 {
        let missing = bytes - encode(&ClientMessage::Hello(long.clone())).len();
        long.access_token.push_str(&"x".repeat(missing));
    }
    let frame = encode(&ClientMessage::Hello(long));
    assert_eq!(frame.len(), bytes);
    frame
}

fn and_one_byte(mut frame: Vec<u8>) -> Vec<u8> {
    frame.push(0);
    frame
}

#[tokio::test]
async fn what_is_no_hello_is_refused_by_its_reason() {
    let (world, door, mut database) = start("village").await;
    let ada = door.newcomer(&world.issuer, "Ada", "villager").await.unwrap();
    let before = Dump::read_settled(&mut database).await.unwrap();
    let mut silent = door.knock().await.unwrap();

    let hello = door.hello(&ada);
    let good = encode(&ClientMessage::Hello(hello.clone()));
    let mut other_build = encode(&ClientMessage::Hello(Hello { build: BuildId([7; 16]), ..hello.clone() }));
    let cases = [
        ("half a hello", good[..good.len() / 2].to_vec(), Code::MALFORMED),
        ("half a build", good[..9].to_vec(), Code::MALFORMED),
        ("a trailing byte", and_one_byte(good.clone()), Code::MALFORMED),
        ("8 KiB and a byte", hello_of(HELLO_FRAME_BYTES_MAX + 1, &hello), Code::OVERSIZED),
        ("16 KiB and a byte", vec![0; CLIENT_FRAME_BYTES_MAX + 1], Code::OVERSIZED),
        ("nothing at all", Vec::new(), Code::HELLO_EXPECTED),
        ("no message", vec![0xff; 64], Code::HELLO_EXPECTED),
        ("an action", encode(&look(1)), Code::HELLO_EXPECTED),
        ("a ping", encode(&ClientMessage::Ping), Code::HELLO_EXPECTED),
        ("another build", other_build.clone(), Code::UPDATE_REQUIRED),
        (
            "another build's hello, which nobody here can read",
            other_build.drain(..40).collect(),
            Code::UPDATE_REQUIRED,
        ),
    ];
    for (what, frame, code) in cases {
        let mut connection = door.knock().await.unwrap();
        connection.send_bytes(frame).await.unwrap();
        assert_eq!(last_words(&mut connection, what).await.code, code, "{what}");
    }
    let mut connection = door.knock().await.unwrap();
    connection.send_text("hello").await.unwrap();
    assert_eq!(last_words(&mut connection, "text").await.code, Code::TEXT_FRAME);
    assert_eq!(last_words(&mut silent, "silence").await.code, Code::HELLO_TIMEOUT);

    assert_unchanged(&before, &mut database).await;
    door.enter(&ada).await.unwrap();
}

#[tokio::test]
async fn what_is_no_message_ends_a_session_by_its_reason() {
    let (world, door, mut database) = start("village").await;
    let names = ["Ada", "Bob", "Cleo", "Dan", "Eve", "Fay", "Gus"];
    let mut people = Vec::new();
    for name in names {
        let who = door.newcomer(&world.issuer, name, "villager").await.unwrap();
        let (connection, _) = door.enter(&who).await.unwrap();
        people.push((who, connection));
    }
    let before = Dump::read_settled(&mut database).await.unwrap();

    let again = encode(&ClientMessage::Hello(door.hello(&people[0].0)));
    let [garbage, trailing, large, repeated, no_verb, verb_and_more, text] = &mut people[..] else {
        unreachable!("there are seven")
    };
    let cases: [(&mut (Resident, RawConnection), _, _); 6] = [
        (garbage, vec![0xff; 64], Code::MALFORMED),
        (trailing, and_one_byte(encode(&ClientMessage::Ping)), Code::MALFORMED),
        (large, vec![0; CLIENT_FRAME_BYTES_MAX + 1], Code::OVERSIZED),
        (repeated, again, Code::HELLO_REPEATED),
        (no_verb, encode(&act(1, vec![200, 1, 2])), Code::MALFORMED),
        (verb_and_more, encode(&act(1, and_one_byte(encode(&Verb::Look(Look {}))))), Code::MALFORMED),
    ];
    for ((_, connection), frame, code) in cases {
        connection.send_bytes(frame).await.unwrap();
        assert_eq!(hear_ending(connection).await, code);
    }
    text.1.send_text("hello").await.unwrap();
    assert_eq!(hear_ending(&mut text.1).await, Code::TEXT_FRAME);

    assert_unchanged(&before, &mut database).await;
    for (who, _) in &people {
        assert_eq!(last_seq(&mut database, who.character).await, 0);
        door.enter(who).await.unwrap();
    }
}

/// The error that ends a session; frames of the world may come before it.
async fn hear_ending(connection: &mut RawConnection) -> Code {
    let error = connection.hear_until(PATIENCE, |message| match message {
        ServerMessage::Error(error) => Some(error),
        _ => None,
    });
    error.await.unwrap().code
}

#[tokio::test]
async fn a_gap_is_refused_with_what_is_expected_and_consumes_nothing() {
    let (world, door, mut database) = start("village").await;
    let ada = door.newcomer(&world.issuer, "Ada", "villager").await.unwrap();
    let (mut connection, welcome) = door.enter(&ada).await.unwrap();
    assert_eq!(welcome.last_seq, Seq(0));
    let before = Dump::read_settled(&mut database).await.unwrap();

    for seq in [2, 64, u64::MAX] {
        connection.send(&look(seq)).await.unwrap();
        let refusal = connection.hear_until(PATIENCE, |message| match message {
            ServerMessage::Refused(refusal) => Some(refusal),
            _ => None,
        });
        let expected = Refusal {
            action: ActionName { seq: Seq(seq), nonce: Nonce(7) },
            code: Code::SEQ_GAP,
            retry_after_ms: 0,
            expected: Seq(1),
        };
        assert_eq!(refusal.await, Some(expected));
    }
    assert!(Code::SEQ_GAP.engine_entry().unwrap().retryable);
    assert_unchanged(&before, &mut database).await;

    connection.send(&look(1)).await.unwrap();
    let verdict = connection.hear_until(PATIENCE, |message| match message {
        ServerMessage::Frame(frame) => frame.verdicts.first().copied(),
        _ => None,
    });
    assert!(verdict.await.unwrap().is_accepted());
}
