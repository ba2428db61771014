//! However often an action is sent, over however many connections and restarts: it has one effect and one verdict.

#[path = "exactly_once/story.rs"]
mod story;
#[path = "exactly_once/witness.rs"]
mod witness;

use holdfast::action::Rejection as _;
use holdfast::persistence::store::{StoreError, StoreErrorClass};
use holdfast_client::{ClientEvent, Stage};
use holdfast_protocol::{Act, Blob, ClientMessage, Code, Seq, UNANSWERED_MAX, encode};
use holdfast_tests::{Player, Sim};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use village::Village;
use village::action::Verb;
use village::action::r#move::CannotMove;

use story::Story;
use witness::{Witness, beside, moved, position, said, say};

fn lost() -> StoreError {
    StoreError::new(StoreErrorClass::Unknown, "", "lost")
}

/// The flush under way is carried out, and the process dies before it hears of that.
fn die_before_the_reply(sim: &mut Sim<Village>) {
    sim.break_store(lost(), true);
    sim.restart();
}

fn steps(sim: &mut Sim<Village>, count: usize) {
    (0..count).for_each(|_| sim.step());
}

#[test]
fn the_same_action_three_times_over_two_connections_has_one_effect_and_one_verdict() {
    let mut sim = Sim::<Village>::new(1);
    let ada = sim.crowd(&["Ada"])[0];
    let mut witness = Witness::default();
    let name = witness.ask(&mut sim, ada, &say("hello"));
    let again = ClientMessage::Act(Act { name, action: Blob(encode(&say("hello"))) });
    sim.tick();
    sim.say(ada, again.clone());
    sim.tick();
    // Both verdicts are lost with the connection; the client sends the action again on the next one.
    sim.disconnect(ada);
    sim.commit();
    sim.connect(ada);
    steps(&mut sim, 4);
    witness.hear(&mut sim, ada);
    assert_eq!(witness.codes(), [Code::ACCEPTED]);
    // And once more, though it is answered.
    sim.say(ada, again);
    steps(&mut sim, 2);
    witness.hear(&mut sim, ada);
    assert_eq!(witness.codes(), [Code::ACCEPTED]);
    assert_eq!(said(&sim), ["hello"]);
}

#[test]
fn what_another_device_played_is_never_answered_as_mine() {
    let mut sim = Sim::<Village>::new(2);
    let first = sim.crowd(&["Ada"])[0];
    let second = sim.second_device(first);
    sim.disconnect(first);
    let mut mine = Vec::new();
    for number in 0..UNANSWERED_MAX {
        mine.push(sim.act(first, &say(&format!("first {number}"))));
    }
    sim.connect(second);
    steps(&mut sim, 3);
    let mut witness = Witness::default();
    let theirs: Vec<_> = (0..10).map(|number| format!("second {number}")).collect();
    for text in &theirs {
        witness.ask(&mut sim, second, &say(text));
    }
    steps(&mut sim, 2);
    witness.hear(&mut sim, second);
    assert_eq!(witness.codes(), [Code::ACCEPTED; 10]);

    // It comes back by itself, and is told; then its player takes the character back.
    sim.heard(first);
    sim.connect(first);
    steps(&mut sim, 2);
    let told = sim.heard(first);
    assert!(
        matches!(told[..], [ClientEvent::Closed(error)] if error.code == Code::REPLACED && !error.retryable),
        "{told:?}"
    );
    assert!(sim.is_connected(second));
    sim.connect(first);
    steps(&mut sim, 5);
    let mut given_up = Vec::new();
    for event in sim.heard(first) {
        match event {
            ClientEvent::GaveUp(gone) => {
                assert_eq!(gone.code, Code::SEQ_CONFLICT);
                given_up.push(gone.action);
            }
            ClientEvent::Verdict(_) | ClientEvent::Reply(_) | ClientEvent::Refused(_) => {
                panic!("the first device was answered: {event:?}");
            }
            _ => {}
        }
    }
    assert_eq!(given_up, mine, "all are given up, and it is said of each");
    assert_eq!(said(&sim), theirs, "nothing of the first device's was done");

    // It goes on behind what the other one played.
    let mut witness = Witness::default();
    let name = witness.ask(&mut sim, first, &say("first again"));
    assert_eq!(name.seq, Seq(11));
    steps(&mut sim, 2);
    witness.hear(&mut sim, first);
    assert_eq!(witness.codes(), [Code::ACCEPTED]);
}

#[test]
fn a_stale_action_of_another_device_is_refused_by_its_nonce() {
    let mut sim = Sim::<Village>::new(3);
    let first = sim.crowd(&["Ada"])[0];
    let second = sim.second_device(first);
    sim.disconnect(first);
    let name = sim.act(first, &say("mine"));
    sim.connect(second);
    steps(&mut sim, 3);
    sim.act(second, &say("theirs"));
    steps(&mut sim, 2);
    // As a client without manners would, that does not give up what it was told to.
    sim.heard(second);
    sim.say(second, ClientMessage::Act(Act { name, action: Blob(encode(&say("mine"))) }));
    steps(&mut sim, 2);
    let refused = sim.heard(second).into_iter().find_map(|event| match event {
        ClientEvent::Refused(refusal) => Some((refusal.action, refusal.code)),
        _ => None,
    });
    assert_eq!(refused, Some((name, Code::SEQ_CONFLICT)));
    assert_eq!(said(&sim), ["theirs"]);
}

/// Sixty-four actions, sent in part on a first connection, again on a second and a third; `at_the_second` happens when
/// the second one has all of them and nothing is durable that it decided.
fn sixty_four_over_two_reconnects(seed: u64, at_the_second: fn(&mut Sim<Village>, Player)) {
    let mut sim = Sim::<Village>::new(seed);
    let ada = sim.crowd(&["Ada"])[0];
    let mut witness = Witness::default();
    let (here, there) = (position(&sim, ada), beside(&sim, ada));
    let texts: Vec<_> = (0..40).map(|number| format!("{number:02}")).collect();
    for text in &texts[..30] {
        witness.ask(&mut sim, ada, &say(text));
    }
    sim.tick();
    sim.disconnect(ada);
    sim.commit();
    for text in &texts[30..] {
        witness.ask(&mut sim, ada, &say(text));
    }
    for number in 0..UNANSWERED_MAX - texts.len() {
        witness.ask(&mut sim, ada, &moved(if number % 2 == 0 { there } else { here }));
    }
    sim.connect(ada);
    sim.step();
    assert_eq!(sim.client(ada).stage(), Stage::Playing);
    sim.tick();
    witness.hear(&mut sim, ada);
    assert_eq!(witness.codes(), [], "nothing was answered so far");
    at_the_second(&mut sim, ada);
    sim.commit();
    sim.connect(ada);
    sim.settle();
    witness.hear(&mut sim, ada);
    assert_eq!(witness.codes(), [Code::ACCEPTED; UNANSWERED_MAX]);
    assert_eq!(said(&sim), texts);
    assert_eq!(position(&sim, ada), here, "as many steps back as there");
}

#[test]
fn sixty_four_unanswered_over_two_reconnects_get_one_verdict_each() {
    sixty_four_over_two_reconnects(4, Sim::disconnect);
}

#[test]
fn sixty_four_unanswered_over_a_reconnect_and_a_restart_get_one_verdict_each() {
    sixty_four_over_two_reconnects(5, |sim, _| sim.restart());
    sixty_four_over_two_reconnects(6, |sim, _| die_before_the_reply(sim));
}

#[test]
fn a_rejection_is_durable_too() {
    let mut sim = Sim::<Village>::new(7);
    let [ada, bob] = sim.crowd(&["Ada", "Bob"])[..] else { unreachable!() };
    let (here, there) = (position(&sim, ada), position(&sim, bob));
    let mut witness = Witness::default();
    witness.ask(&mut sim, ada, &moved(there));
    sim.tick();
    die_before_the_reply(&mut sim);
    // Bob is away now. Decided anew, the step would be possible.
    sim.connect(ada);
    sim.settle();
    witness.hear(&mut sim, ada);
    assert_eq!(witness.codes(), [Code::of_verb(1, CannotMove::Occupied.number())]);
    assert!(!sim.world().is_present(sim.character(bob)));
    assert_eq!(position(&sim, ada), here);
}

#[test]
fn no_acknowledged_action_is_lost_by_a_restart() {
    let mut heard_count = 0;
    for seed in 0..20 {
        let mut sim = Sim::<Village>::new(seed);
        let mut rng = StdRng::seed_from_u64(seed);
        let players = sim.crowd(&["Ada", "Bob", "Cyd"]);
        let mut stories: Vec<Story> = players.iter().map(|_| Story::default()).collect();
        for number in 0..40 {
            for (player, story) in players.iter().zip(&mut stories) {
                story.act(&mut sim, *player, number, &mut rng);
            }
            sim.tick();
            let crashes = match rng.random_range(0..20) {
                // With what is on its way to the store.
                0 => {
                    sim.restart();
                    true
                }
                1 => {
                    die_before_the_reply(&mut sim);
                    true
                }
                // With what has run since the last commit.
                2 => {
                    sim.commit();
                    sim.tick();
                    sim.restart();
                    true
                }
                3..14 => {
                    sim.commit();
                    false
                }
                _ => false,
            };
            for (player, story) in players.iter().zip(&mut stories) {
                story.witness.hear(&mut sim, *player);
                story.assert_nothing_is_lost(&sim, *player);
                if crashes {
                    sim.connect(*player);
                }
            }
        }
        sim.settle();
        let mut all_said = Vec::new();
        for (player, story) in players.iter().zip(&mut stories) {
            story.witness.hear(&mut sim, *player);
            story.assert_nothing_is_lost(&sim, *player);
            assert_eq!(story.witness.codes().len(), story.asked.len(), "each has its verdict");
            heard_count += story.accepted().count();
            all_said.extend(story.accepted().filter_map(|(_, verb)| match verb {
                Verb::Say(say) => Some(say.text.clone()),
                _ => None,
            }));
        }
        all_said.sort();
        assert_eq!(said(&sim), all_said, "what was said was said once, and nothing else was");
    }
    assert!(heard_count > 300, "{heard_count} verdicts");
}
