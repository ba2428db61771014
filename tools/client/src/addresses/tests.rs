//! Where a client goes, seen from outside: which address it connects to, and when.

use super::*;

const NOW: Duration = Duration::from_secs(1_000);

fn error(code: Code, retry_after_ms: u32) -> ErrorBody {
    ErrorBody::new(code, retry_after_ms, 0)
}

fn told(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("ws://{name}/ws")).collect()
}

/// Welcomed at the first of these, which is also what the user configured.
fn at_home(names: &[&str]) -> Addresses {
    let mut addresses = Addresses::new(names[0]);
    addresses.welcomed(&told(names));
    addresses
}

/// The short names of where it goes, over so many losses; a new round is marked.
fn goes(addresses: &mut Addresses, count: usize) -> String {
    let mut way = String::new();
    for _ in 0..count {
        let turn = addresses.lost(NOW, None);
        way.push_str(if turn.begins_round { " | " } else { " " });
        way.push_str(addresses.choose(NOW).trim_start_matches("ws://").trim_end_matches("/ws"));
    }
    way
}

#[test]
fn a_lone_address_is_tried_again_and_again() {
    let mut addresses = Addresses::new("a");
    assert_eq!(goes(&mut addresses, 3), " | a | a | a");
    addresses.welcomed(&[]);
    assert_eq!(goes(&mut addresses, 3), " | a | a | a");
    assert_eq!(addresses.open_wait(), OPEN_WAIT_MAX);
}

#[test]
fn each_round_goes_through_all_of_them_without_a_wait_and_begins_with_another_one() {
    let mut addresses = at_home(&["a", "b", "c"]);
    assert_eq!(goes(&mut addresses, 9), " | b c a | b c a | b c a");
}

#[test]
fn the_one_that_answered_is_left_last_and_only_when_it_is_lost() {
    let mut addresses = at_home(&["a", "b"]);
    addresses.lost(NOW, None);
    addresses.choose(NOW);
    addresses.welcomed(&told(&["b", "a"]));
    assert_eq!(addresses.current(), "ws://b/ws");
    assert_eq!(goes(&mut addresses, 2), " | a b");
}

#[test]
fn what_the_user_configured_stays_whatever_servers_tell() {
    let mut addresses = at_home(&["home", "b"]);
    addresses.lost(NOW, None);
    addresses.choose(NOW);
    addresses.welcomed(&told(&["b", "c"]));
    assert_eq!(goes(&mut addresses, 3), " | c home b");
    addresses.welcomed(&[]);
    assert_eq!(goes(&mut addresses, 2), " | home b", "and so does the one that answers");
}

#[test]
fn a_server_that_was_reached_by_another_name_is_not_the_first_to_be_tried_again() {
    let mut addresses = Addresses::new("balancer");
    addresses.welcomed(&told(&["a", "b", "c"]));
    assert_eq!(addresses.current(), "ws://balancer/ws");
    assert_eq!(goes(&mut addresses, 4), " | b c a balancer");
}

#[test]
fn a_server_that_asks_to_wait_is_waited_for_and_the_others_are_not() {
    let mut addresses = at_home(&["a", "b", "c"]);
    addresses.lost(NOW, None);
    assert_eq!(addresses.choose(NOW), "ws://b/ws");
    let standby = error(Code::NOT_OWNER, 700);
    assert_eq!(addresses.lost(NOW, Some(&standby)), Turn { begins_round: false, not_before: Duration::ZERO });
    assert_eq!(addresses.choose(NOW), "ws://c/ws");
    assert_eq!(goes(&mut addresses, 3), " a | c a", "b is not due yet");
    let due = NOW + Duration::from_millis(700);
    assert_eq!(addresses.lost(NOW, None), Turn { begins_round: false, not_before: due });
    assert_eq!(addresses.choose(due), "ws://b/ws");
}

#[test]
fn who_is_due_is_judged_when_it_is_tried() {
    let mut addresses = at_home(&["a", "b"]);
    addresses.lost(NOW, None);
    addresses.choose(NOW);
    addresses.lost(NOW, Some(&error(Code::NOT_OWNER, 200)));
    addresses.choose(NOW);
    let turn = addresses.lost(NOW, None);
    assert_eq!((turn.begins_round, turn.not_before), (true, NOW), "a may be tried at once");
    assert_eq!(
        addresses.choose(NOW + Duration::from_millis(200)),
        "ws://b/ws",
        "but after the wait b is first"
    );
    assert_eq!(addresses.choose(NOW), "ws://b/ws", "and stays chosen until it is lost");
}

#[test]
fn what_a_server_says_of_itself_leads_on_and_what_it_says_of_the_client_does_not() {
    for (code, leads_on) in [
        (Code::NOT_OWNER, true),
        (Code::MAINTENANCE, true),
        (Code::STORE_UNAVAILABLE, true),
        (Code::INTERNAL, true),
        (Code::WORLD_RELOADED, false),
        (Code::SERVER_FULL, false),
        (Code::TOKEN_EXPIRED, false),
        (Code::SLOW_READER, false),
    ] {
        let mut addresses = at_home(&["a", "b"]);
        let turn = addresses.lost(NOW, Some(&error(code, 300)));
        assert_eq!(addresses.choose(NOW) == "ws://b/ws", leads_on, "{code}");
        assert!(turn.begins_round, "{code}");
        assert_eq!(turn.not_before > NOW, !leads_on, "{code}");
    }
}

#[test]
fn opening_may_take_longer_in_each_round() {
    let mut addresses = at_home(&["a", "b"]);
    let mut waits = Vec::new();
    for _ in 0..8 {
        goes(&mut addresses, 1);
        waits.push(addresses.open_wait().as_secs());
    }
    assert_eq!(waits, [1, 1, 2, 2, 4, 4, 5, 5]);
    addresses.welcomed(&told(&["a", "b"]));
    addresses.lost(NOW, None);
    assert_eq!(addresses.open_wait().as_secs(), 1);
}

#[test]
fn no_server_can_tell_of_more_than_a_few_addresses_or_of_what_cannot_be_opened() {
    let many: Vec<String> = (0..100).map(|number| format!("ws://{number}/ws")).collect();
    let mut addresses = Addresses::new("home");
    addresses.welcomed(&many);
    assert_eq!(addresses.all.len(), ADDRESSES_MAX + 1);
    let long = format!("ws://{}/ws", "x".repeat(ADDRESS_BYTES_MAX));
    addresses.welcomed(&["wss://a/ws".to_owned(), "http://a/".to_owned(), long]);
    assert_eq!(goes(&mut addresses, 2), " | home | home");
}
