//! What it costs to read an action that a client sends: the message around it, and the verb in it.
//!
//! An action's message is decoded once, by its socket's task, and its verb twice: by the front, which has to know how
//! often it may be done, and by the tick. The figure tells what share of an action's cost is reading, and what a flood
//! costs that is refused right behind it.

use std::hint::black_box;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use holdfast_protocol::{Act, ActionName, Blob, ClientMessage, Nonce, Seq, decode, encode};
use village::action::say::TEXT_CHARS_MAX;
use village::action::{Move, Say, Verb};
use village::tile::Tile;

/// What is sent.
#[derive(Clone, Copy, Debug)]
enum Sent {
    Move,
    LongestSay,
}

const SENT: [Sent; 2] = [Sent::Move, Sent::LongestSay];

fn action(sent: Sent) -> Vec<u8> {
    encode(&match sent {
        Sent::Move => Verb::Move(Move { to: Tile { x: 200, y: 201 } }),
        Sent::LongestSay => Verb::Say(Say { text: "n".repeat(TEXT_CHARS_MAX) }),
    })
}

#[divan::bench(args = SENT)]
fn message(bencher: Bencher<'_, '_>, sent: Sent) {
    let name = ActionName { seq: Seq(100_000), nonce: Nonce(4_000_000_000) };
    let frame = encode(&ClientMessage::Act(Act { name, action: Blob(action(sent)) }));
    bencher
        .counter(BytesCount::new(frame.len()))
        .bench(|| decode::<ClientMessage>(black_box(&frame)).expect("it is a message"));
}

/// As a client whose games are programs sends them: what it has room for in one message.
#[divan::bench(args = [1, 40])]
fn batch(bencher: Bencher<'_, '_>, count: u64) {
    let act = |seq| Act {
        name: ActionName { seq: Seq(100_000 + seq), nonce: Nonce(4_000_000_000) },
        action: Blob(action(Sent::Move)),
    };
    let frame = encode(&ClientMessage::Acts((0..count).map(act).collect()));
    bencher
        .counter(ItemsCount::new(count))
        .bench(|| decode::<ClientMessage>(black_box(&frame)).expect("it is a message"));
}

#[divan::bench(args = SENT)]
fn verb(bencher: Bencher<'_, '_>, sent: Sent) {
    let action = action(sent);
    bencher
        .counter(BytesCount::new(action.len()))
        .bench(|| decode::<Verb>(black_box(&action)).expect("it is a verb"));
}

fn main() {
    divan::main();
}
