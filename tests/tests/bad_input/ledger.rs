//! What the ledger's rules forbid.

use holdfast::action::Verbs as _;
use holdfast_client::{ClientEvent, WorldCopy};
use holdfast_protocol::{Code, EntityId};
use holdfast_tests::door::{Ledger, PATIENCE};
use holdfast_tests::{Dump, Resident};
use ledger::action::{Append, Swap, Transfer, Verb};
use sqlx::PgConnection;

use crate::{assert_unchanged_by_rules, code_named, expect_verdict, last_seq, start};

fn nothing(_: &ClientEvent, _: &WorldCopy) {}

async fn items_of(who: &Resident, database: &mut PgConnection) -> [EntityId; 2] {
    let items: Vec<i64> =
        sqlx::query_scalar("SELECT entity FROM holdfast.items WHERE holder = $1 ORDER BY 1")
            .bind(who.character.0.cast_signed())
            .fetch_all(database)
            .await
            .unwrap();
    [0, 1].map(|place| EntityId(items[place].cast_unsigned()))
}

#[tokio::test]
async fn the_ledgers_rules_say_no_with_a_verdict_and_no_sum_changes() {
    let (mut world, door, mut database) = start("ledger").await;
    let mut people = Vec::new();
    for name in ["Ada", "Bob", "Cleo", "Dan"] {
        let who = door.newcomer(&world.issuer, name, "account").await.unwrap();
        door.enter(&who).await.unwrap();
        people.push(who);
    }
    // While the world does not run, Bob becomes as rich as one can be, and the first tape is filled.
    world.server.signal_stop();
    assert!(world.server.wait_for_exit(PATIENCE).await.unwrap().success());
    let [ada, bob, absent, cleo] = &people[..] else { unreachable!("there are four") };
    sqlx::query("UPDATE holdfast.purses SET balance = 4294967295 WHERE entity = $1")
        .bind(bob.character.0.cast_signed())
        .execute(&mut database)
        .await
        .unwrap();
    let full_tape: i64 = sqlx::query_scalar(
        "UPDATE holdfast.tapes SET tokens = ARRAY(SELECT generate_series(1::bigint, 256))
         WHERE entity = (SELECT min(entity) FROM holdfast.tapes) RETURNING entity",
    )
    .fetch_one(&mut database)
    .await
    .unwrap();
    let full_tape = EntityId(full_tape.cast_unsigned());
    world.server.restart().await.unwrap();

    let clients = [ada, bob, cleo].map(|who| door.play::<Ledger>(who, nothing));
    for client in &clients {
        assert!(client.wait_playing(PATIENCE).await);
    }
    let [mine, also_mine] = items_of(ada, &mut database).await;
    let [theirs, _] = items_of(bob, &mut database).await;
    let [out_of_the_world, _] = items_of(absent, &mut database).await;
    let before = Dump::read_settled(&mut database).await.unwrap().without_verdicts();

    let transfer = |to, amount| Verb::Transfer(Transfer { to, amount });
    let append = |tape| Verb::Append(Append { tape, token: 7 });
    let swap = |mine, theirs| Verb::Swap(Swap { mine, theirs });
    let nobody = EntityId(999_999);
    let cases = [
        ("one more than there is", transfer(cleo.character, 1_001), "balance_too_small"),
        (
            "2^32 and one, which is one to a careless cast",
            transfer(cleo.character, 0x1_0000_0001),
            "balance_too_small",
        ),
        ("the largest amount", transfer(cleo.character, i64::MAX), "balance_too_small"),
        ("nothing", transfer(cleo.character, 0), "amount_not_positive"),
        ("less than nothing", transfer(cleo.character, -1), "amount_not_positive"),
        ("the smallest amount", transfer(cleo.character, i64::MIN), "amount_not_positive"),
        ("to a purse that is full", transfer(bob.character, 1), "balance_overflow"),
        ("to herself", transfer(ada.character, 1), "to_self"),
        ("to nobody", transfer(nobody, 1), "no_such_account"),
        ("to a tape", transfer(full_tape, 1), "no_such_account"),
        ("to somebody who is not there", transfer(absent.character, 1), "no_such_account"),
        ("to a full tape", append(full_tape), "tape_full"),
        ("to an account", append(bob.character), "no_such_tape"),
        ("to nothing", append(nobody), "no_such_tape"),
        ("what is Bob's", swap(theirs, mine), "not_yours"),
        ("what is not there", swap(nobody, theirs), "not_yours"),
        ("for what is not there", swap(mine, nobody), "no_such_item"),
        ("for her own", swap(mine, also_mine), "same_holder"),
        ("for what is somebody's who is not there", swap(mine, out_of_the_world), "holder_absent"),
    ];
    let codes = Verb::codes();
    let count = i64::try_from(cases.len()).unwrap();
    for (what, action, name) in cases {
        let what = format!("{} {what}", action.name());
        expect_verdict(&clients[0], &action, code_named(&codes, name), &what).await;
    }
    assert_unchanged_by_rules(&before, &mut database).await;
    assert_eq!(last_seq(&mut database, ada.character).await, count, "each has consumed its place");
    expect_verdict(&clients[0], &transfer(cleo.character, 1_000), Code::ACCEPTED, "all that she has").await;
}
