use std::collections::BTreeSet;

use super::*;
use crate::world::World;

fn ground() -> Arc<Ground> {
    Arc::new(Ground::of(World::Village.terrain().unwrap()))
}

fn walker(ground: &Arc<Ground>, patch: Vec<Tile>, places: Vec<Steps>) -> (Walker, StdRng) {
    let mut rng = StdRng::seed_from_u64(1);
    (Walker::new(Arc::clone(ground), patch, Arc::new(places), &mut rng), rng)
}

#[test]
fn everybody_has_a_patch_and_no_tile_is_in_two() {
    let ground = ground();
    for behaviour in [Behaviour::Spread, Behaviour::Market, Behaviour::Walk] {
        let patches = behaviour.patches(&ground, 300).unwrap();
        assert_eq!(patches.len(), 300);
        let tiles: Vec<_> = patches.iter().flatten().collect();
        assert_eq!(tiles.iter().collect::<BTreeSet<_>>().len(), tiles.len(), "{behaviour:?}");
    }
}

#[test]
fn spread_people_are_as_dense_everywhere() {
    let ground = ground();
    let patches = Behaviour::Spread.patches(&ground, 300).unwrap();
    let tiles: usize = patches.iter().map(Vec::len).sum();
    assert_eq!(tiles, ground.reached().len(), "nothing is left over");
    // In each quarter of the map there are as many as its share of the ground.
    let half = ground.size().width / 2;
    let quarter = |tile: &Tile| (tile.x < half, tile.y < half);
    for one in [(true, true), (true, false), (false, true), (false, false)] {
        let people = patches.iter().filter(|patch| quarter(&patch[0]) == one).count();
        let share = ground.reached().iter().filter(|tile| quarter(tile) == one).count() * 300 / tiles;
        assert!(people.abs_diff(share) <= 12, "{one:?}: {people} of {share}");
    }
}

#[test]
fn a_market_is_within_one_view() {
    let ground = ground();
    let spawn = ground.reached()[0];
    for patch in Behaviour::Market.patches(&ground, 500).unwrap() {
        assert!(patch.iter().all(|tile| tile.steps_to(spawn) <= MARKET_STEPS));
    }
    assert!(Behaviour::Market.patches(&ground, 100_000).is_err(), "it has an end");
}

#[test]
fn who_wanders_stays_on_its_patch_and_who_was_elsewhere_comes_back_to_it() {
    let ground = ground();
    let patch = Behaviour::Spread.patches(&ground, 200).unwrap().swap_remove(150);
    let (mut walker, mut rng) = walker(&ground, patch.clone(), Vec::new());
    let mut here = ground.reached()[0];
    let way = ground.distance(here, &ground.steps_to(patch[0]));
    for taken in 0..500 {
        let next = walker.step(here, &mut rng).unwrap();
        assert_eq!(next.steps_to(here), 1);
        assert!(taken < way || patch.contains(&next), "step {taken} leads away");
        here = next;
    }
}

#[test]
fn who_walks_gets_from_place_to_place() {
    let ground = ground();
    let places = places(&ground, 7);
    assert_eq!(places.len(), PLACES);
    let (mut walker, mut rng) = walker(&ground, vec![ground.reached()[0]], places);
    let (mut here, mut goals) = (ground.reached()[0], BTreeSet::new());
    for _ in 0..1_000 {
        here = walker.step(here, &mut rng).unwrap();
        goals.insert(walker.goal);
    }
    assert!(goals.len() > 5, "only {} goals", goals.len());
}
