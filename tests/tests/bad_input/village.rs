//! What the village's rules forbid.

use holdfast::action::Verbs as _;
use holdfast_client::ClientEvent;
use holdfast_client::WorldCopy;
use holdfast_protocol::{Code, EntityId};
use holdfast_tests::door::{PATIENCE, Village};
use holdfast_tests::{Dump, TestServer};
use sqlx::PgConnection;
use village::action::{Drop, Move, PickUp, Say, Verb};
use village::component::BAG_SLOTS;
use village::map::Terrain;
use village::tile::Tile;

use crate::{assert_unchanged_by_rules, code_named, expect_verdict, last_seq, start};

fn nothing(_: &ClientEvent, _: &WorldCopy) {}

/// Lays so many berries where newcomers arrive, while the world does not run, and says which.
async fn lay_berries(world: &mut TestServer, count: i64, database: &mut PgConnection) -> Vec<EntityId> {
    world.server.signal_stop();
    assert!(world.server.wait_for_exit(PATIENCE).await.unwrap().success());
    let Tile { x, y } = Terrain::built_in().spawn();
    let berries: Vec<i64> = sqlx::query_scalar(
        "UPDATE holdfast.positions SET x = $1, y = $2
         WHERE entity IN (SELECT entity FROM holdfast.items ORDER BY entity LIMIT $3) RETURNING entity",
    )
    .bind(i32::from(x))
    .bind(i32::from(y))
    .bind(count)
    .fetch_all(database)
    .await
    .unwrap();
    world.server.restart().await.unwrap();
    berries.into_iter().map(|id| EntityId(id.cast_unsigned())).collect()
}

#[tokio::test]
async fn the_villages_rules_say_no_with_a_verdict_and_nothing_moves() {
    let (mut world, door, mut database) = start("village").await;
    let berries = lay_berries(&mut world, i64::from(BAG_SLOTS) + 1, &mut database).await;
    let (left, carried) = berries.split_last().unwrap();
    let [ada, bob] = [
        door.newcomer(&world.issuer, "Ada", "villager").await.unwrap(),
        door.newcomer(&world.issuer, "Bob", "villager").await.unwrap(),
    ];
    let [ada_plays, bob_plays] = [door.play::<Village>(&ada, nothing), door.play::<Village>(&bob, nothing)];
    assert!(ada_plays.wait_playing(PATIENCE).await && bob_plays.wait_playing(PATIENCE).await);
    for item in carried {
        let action = Verb::PickUp(PickUp { item: *item });
        expect_verdict(&ada_plays, &action, Code::ACCEPTED, "a berry at her feet").await;
    }
    let far: i64 =
        sqlx::query_scalar("SELECT max(entity) FROM holdfast.items").fetch_one(&mut database).await.unwrap();
    let before = Dump::read_settled(&mut database).await.unwrap().without_verdicts();

    let (pick_up, drop) = (|item| Verb::PickUp(PickUp { item }), |item| Verb::Drop(Drop { item }));
    let go = |x, y| Verb::Move(Move { to: Tile { x, y } });
    let say = |text: &str| Verb::Say(Say { text: text.to_owned() });
    let nobody = EntityId(999_998);
    let cases = [
        ("Ada's berry", drop(carried[0]), "not_yours"),
        ("a berry on the ground", drop(*left), "not_yours"),
        ("nothing", drop(nobody), "not_yours"),
        ("Ada", drop(ada.character), "not_yours"),
        ("Ada's berry", pick_up(carried[0]), "not_there"),
        ("nothing", pick_up(nobody), "not_there"),
        ("the largest number", pick_up(EntityId(u64::MAX)), "not_there"),
        ("Ada", pick_up(ada.character), "not_there"),
        ("a berry at the end of the map", pick_up(EntityId(far.cast_unsigned())), "out_of_reach"),
        ("off the map", go(u16::MAX, u16::MAX), "not_adjacent"),
        ("the corner", go(0, 0), "not_adjacent"),
        ("no words", say("  "), "text_empty"),
        ("too many words", say(&"word ".repeat(60)), "text_too_long"),
        ("a line of its own in somebody's log", say("a\nb"), "text_not_printable"),
    ];
    let codes = Verb::codes();
    let count = i64::try_from(cases.len()).unwrap();
    for (what, action, name) in cases {
        let what = format!("{} {what}", action.name());
        expect_verdict(&bob_plays, &action, code_named(&codes, name), &what).await;
    }
    expect_verdict(&ada_plays, &pick_up(*left), code_named(&codes, "bag_full"), "a thirteenth berry").await;

    assert_unchanged_by_rules(&before, &mut database).await;
    assert_eq!(last_seq(&mut database, bob.character).await, count, "each has consumed its place");
    assert_eq!(last_seq(&mut database, ada.character).await, i64::from(BAG_SLOTS) + 1);
    expect_verdict(&bob_plays, &pick_up(*left), Code::ACCEPTED, "what she had to leave").await;
    let after = Dump::read(&mut database).await.unwrap().without_verdicts();
    assert_ne!(before.differences(&after), [""; 0], "what does move is seen");
}
