//! Words fade.

use std::collections::BTreeMap;

use bevy_ecs::entity::Entity;
use bevy_ecs::system::{Commands, Query, Res};
use holdfast::protocol::{ChunkId, EntityId, Tick};
use holdfast::world::Now;
use holdfast::world::identity::Identity;

use crate::component::{Position, Utterance};

/// How long words can be read, in ticks: half a minute at 20 a second.
pub const UTTERANCE_TICKS: u64 = 600;

/// How many utterances a chunk holds; beyond that the oldest fade at once.
pub const UTTERANCES_A_CHUNK_MAX: usize = 50;

/// Removes what was said long ago, and of what was said in one chunk all but the latest.
#[expect(clippy::needless_pass_by_value, reason = "systems take their parameters by value")]
pub fn fade_utterances(
    now: Res<'_, Now>,
    utterances: Query<'_, '_, (Entity, &Identity, &Utterance, &Position)>,
    mut commands: Commands<'_, '_>,
) {
    let mut chunks: BTreeMap<ChunkId, Vec<(Tick, EntityId, Entity)>> = BTreeMap::new();
    for (entity, identity, utterance, position) in &utterances {
        if now.0.since(utterance.said_at) >= UTTERANCE_TICKS {
            commands.entity(entity).despawn();
        } else {
            let chunk = chunks.entry(position.tile.chunk()).or_default();
            chunk.push((utterance.said_at, identity.id(), entity));
        }
    }
    for mut chunk in chunks.into_values() {
        let Some(excess) = chunk.len().checked_sub(UTTERANCES_A_CHUNK_MAX) else { continue };
        chunk.sort_unstable();
        for (_, _, entity) in chunk.into_iter().take(excess) {
            commands.entity(entity).despawn();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{Say, Verb};
    use crate::rehearsal::{Village, tile_of, village};
    use crate::tile_index::TileIndex;

    fn heard(village: &Village, me: EntityId) -> Vec<String> {
        let look = village.look();
        let on = look.resource::<TileIndex>().on(tile_of(village, me));
        on.filter_map(|id| look.get::<Utterance>(id)).map(|utterance| utterance.text.clone()).collect()
    }

    fn say(village: &mut Village, me: EntityId, text: &str) {
        village.act(me, &Verb::Say(Say { text: text.into() })).expect("it can be said");
    }

    #[test]
    fn words_fade_after_half_a_minute_also_over_a_restart() {
        let mut village = village();
        let me = village.player("Ada");
        say(&mut village, me, "Hello");
        village.ticks(300);
        village.restart();
        village.join(me);
        assert_eq!(heard(&village, me), ["Hello"]);
        let words = village.look().resource::<TileIndex>().on(tile_of(&village, me)).last();
        let words = words.expect("the words hang there");
        // Neither the restart's tick nor the two of the join are lost.
        village.ticks(UTTERANCE_TICKS - 300 - 4);
        assert_eq!(heard(&village, me), ["Hello"]);
        let output = village.tick();
        assert!(heard(&village, me).is_empty());
        assert_eq!(output.rows.entities.get(&words), Some(&None), "it fades in the store as well");
    }

    #[test]
    fn of_too_many_words_the_oldest_fade() {
        let mut village = village();
        let me = village.player("Ada");
        for number in 0..=UTTERANCES_A_CHUNK_MAX {
            say(&mut village, me, &format!("{number}"));
        }
        let heard = heard(&village, me);
        assert_eq!(heard.len(), UTTERANCES_A_CHUNK_MAX);
        assert_eq!(heard.first().map(String::as_str), Some("1"));
    }
}
