//! Nothing that a tick caused leaves before its flush has committed: not to the one who acted, and not to a neighbour.

use holdfast::Replicate;
use holdfast_client::ClientEvent;
use holdfast_protocol::{Act, Blob, ClientMessage, PartTag, encode};
use holdfast_tests::{Player, Sim};
use village::Village;
use village::action::{Say, Verb};
use village::component::Utterance;

const UTTERANCE: PartTag = PartTag(<Utterance as Replicate>::TAG);

fn say(text: &str) -> Verb {
    Verb::Say(Say { text: text.to_owned() })
}

fn is_told_a_verdict(sim: &mut Sim<Village>, player: Player) -> bool {
    sim.heard(player).iter().any(|event| matches!(event, ClientEvent::Verdict(_)))
}

fn sees_words(sim: &Sim<Village>, player: Player) -> bool {
    let copy = sim.client(player).copy();
    copy.chunks().any(|(_, place)| place.ids().any(|id| place.part(id, UTTERANCE).is_some()))
}

#[test]
fn verdict_waits_for_commit() {
    let mut sim = Sim::<Village>::new(1);
    let [ada, _] = sim.crowd(&["Ada", "Bob"])[..] else { unreachable!() };
    sim.heard(ada);
    sim.act(ada, &say("hello"));
    for _ in 0..3 {
        sim.tick();
        assert!(!is_told_a_verdict(&mut sim, ada), "the flush has not committed");
    }
    assert!(!sim.tick(), "three ticks ahead, the world stands still");
    sim.commit();
    assert!(is_told_a_verdict(&mut sim, ada));
}

#[test]
fn delta_waits_for_commit() {
    let mut sim = Sim::<Village>::new(2);
    let [ada, bob] = sim.crowd(&["Ada", "Bob"])[..] else { unreachable!() };
    sim.act(ada, &say("hello"));
    sim.tick();
    assert!(!sees_words(&sim, bob) && !sees_words(&sim, ada), "the flush has not committed");
    sim.commit();
    assert!(sees_words(&sim, bob) && sees_words(&sim, ada));
    sim.assert_copies_are_fresh();
}

#[test]
fn replayed_verdict_waits_for_commit() {
    let mut sim = Sim::<Village>::new(3);
    let [ada, bob] = sim.crowd(&["Ada", "Bob"])[..] else { unreachable!() };
    // The verdict is lost with the connection; the action is sent again on the next one.
    sim.act(ada, &say("hello"));
    sim.tick();
    sim.disconnect(ada);
    sim.commit();
    sim.connect(ada);
    sim.step();
    assert_eq!(sim.client(ada).unanswered_count(), 1);
    sim.heard(ada);
    // What the ring answers is part of the tick that answers, and that tick has something to flush.
    sim.act(bob, &say("hello yourself"));
    sim.tick();
    assert!(!is_told_a_verdict(&mut sim, ada), "the flush has not committed");
    sim.commit();
    assert!(is_told_a_verdict(&mut sim, ada));
    let words = sim.client(ada).copy().chunks().flat_map(|(_, place)| place.ids().map(move |id| (place, id)));
    assert_eq!(words.filter(|(place, id)| place.part(*id, UTTERANCE).is_some()).count(), 2, "each said once");
}

#[test]
fn a_replay_of_what_is_not_durable_yet_waits_as_well() {
    let mut sim = Sim::<Village>::new(5);
    let ada = sim.crowd(&["Ada"])[0];
    let name = sim.act(ada, &say("hello"));
    sim.tick();
    // The ring in memory has the verdict already; nobody else may.
    sim.say(ada, ClientMessage::Act(Act { name, action: Blob(encode(&say("hello"))) }));
    sim.heard(ada);
    sim.tick();
    assert!(!is_told_a_verdict(&mut sim, ada));
    sim.commit();
    assert!(is_told_a_verdict(&mut sim, ada));
}

#[test]
fn welcome_waits_for_commit() {
    let mut sim = Sim::<Village>::new(4);
    let bob = sim.crowd(&["Bob"])[0];
    let ada = sim.person("ada", "Ada");
    sim.connect(ada);
    sim.step();
    // The character was loaded; the tick that drains the load attaches it.
    let known = |sim: &Sim<Village>| sim.client(bob).copy().entity_count();
    let before = known(&sim);
    sim.tick();
    assert!(sim.heard(ada).is_empty(), "nobody is welcome before the attachment is durable");
    assert_eq!(known(&sim), before, "and nobody sees her come");
    sim.commit();
    assert!(matches!(sim.heard(ada)[..], [ClientEvent::Welcomed(_), ClientEvent::Updated(_), ..]));
    assert_eq!(known(&sim), before + 1);
    sim.assert_copies_are_fresh();
}
