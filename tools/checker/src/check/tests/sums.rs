//! I7 and I8 broken: what is conserved, and what is seen of both sides or of neither.

use super::*;

#[test]
fn money_that_is_made_or_moved_by_nobody_is_found() {
    let mut made = end();
    made.balances.insert(ANN, 1_000);
    assert!(broken(&history(), &made).contains(&"I7"));
    let mut moved = end();
    moved.balances = BTreeMap::from([(ANN, 800), (BEN, 1_200)]);
    assert_eq!(broken(&history(), &moved), ["I7"], "a transfer that happened twice conserves the sum");
}

#[test]
fn an_open_transfer_may_have_happened_or_not_and_nothing_else() {
    let mut history = history();
    invoke(&mut history, BEN, name(5), Meaning::Transfer { to: ANN, amount: 50 });
    let mut ended = end();
    ended.balances = BTreeMap::from([(ANN, 950), (BEN, 1_050)]);
    assert!(check(&history, &beginning(), &ended).hold());
    assert!(check(&history, &beginning(), &end()).hold());
    ended.balances = BTreeMap::from([(ANN, 1_000), (BEN, 1_000)]);
    assert_eq!(check(&history, &beginning(), &ended).broken(), ["I7"], "twice is too often");
}

#[test]
fn items_that_vanish_or_appear_are_found() {
    let mut gone = end();
    gone.items.remove(&ITEM);
    assert_eq!(broken(&history(), &gone), ["I7", "I8"]);
    let mut more = end();
    more.items.insert(EntityId(54), None);
    assert_eq!(broken(&history(), &more), ["I7"]);
    let mut twice = end();
    twice.misplaced.push(ITEM);
    assert_eq!(broken(&history(), &twice), ["I7"]);
}

#[test]
fn where_items_come_with_accounts_their_number_is_checked() {
    let beginning = Beginning { items: vec![], ..beginning() };
    assert!(check(&history(), &beginning, &end()).hold());
    let mut more = end();
    more.items.insert(EntityId(54), None);
    assert_eq!(check(&history(), &beginning, &more).broken(), ["I7"]);
}

#[test]
fn an_item_of_two_owners_in_two_views_is_found() {
    let mut history = history();
    history.set_now(ms(100));
    let view = View { items: vec![(ITEM, BEN), (OTHER_ITEM, ANN)], ..shows(&[11, 21, 12], 100) };
    history.adopt(BEN, &Adopted { center: ChunkId(1), ..delta(9, 9, view) });
    assert_eq!(broken(&history, &end()), ["I7"]);
}

#[test]
fn what_is_not_conserved_at_a_commit_is_found() {
    let mut samples = samples();
    samples.look(&beginning(), &FinalState { balances: BTreeMap::from([(ANN, 900), (BEN, 1_000)]), ..end() });
    let (history, beginning, end) = (history(), beginning(), end());
    let evidence = Evidence { samples: Some(&samples), ..Evidence::new(&history, &beginning, &end) };
    assert_eq!(evidence.check().broken(), ["I7"]);
}

#[test]
fn half_a_transfer_is_found() {
    let mut history = history();
    let half = View { balances: vec![(ANN, 800), (BEN, 1_100)], ..shows(&[11, 21, 12], 100) };
    history.adopt(BEN, &delta(9, 20, half));
    assert_eq!(broken(&history, &end()), ["I8"], "these are all that there are");
}

/// Ben sees only himself, with so much.
fn alone(balance: i64) -> View {
    View { balances: vec![(BEN, balance)], items: vec![(OTHER_ITEM, BEN)], ..shows(&[11, 21, 12], 100) }
}

#[test]
fn half_a_transfer_is_found_also_where_somebody_is_away() {
    let mut history = history();
    history.adopt(BEN, &delta(9, 10, alone(1_100)));
    history.adopt(BEN, &delta(10, 12, alone(1_050)));
    assert_eq!(broken(&history, &end()), ["I8"]);
}

#[test]
fn who_comes_gives_and_goes_unseen_changes_what_is_seen() {
    let mut history = history();
    history.adopt(BEN, &delta(9, 10, alone(1_100)));
    history.adopt(BEN, &delta(10, 13, alone(1_050)));
    history.adopt(BEN, &delta(13, 14, shows(&[11, 21, 12], 50)));
    assert_eq!(broken(&history, &end()), Vec::<&str>::new(), "three ticks are enough for that");
}

#[test]
fn half_a_swap_is_found() {
    let mut history = history();
    let half = View { items: vec![(ITEM, BEN), (OTHER_ITEM, BEN)], ..shows(&[11, 21, 12], 100) };
    history.adopt(BEN, &delta(9, 10, half));
    assert_eq!(broken(&history, &end()), ["I8"]);
}
