//! Made-up things for a front to show: so many in each chunk, each as large on the wire as a villager.

use std::sync::Arc;

use holdfast::Replicate;
use holdfast_front::{Audience, EntityChange, Fate, PartChange};
use holdfast_protocol::{ChunkId, EntityId, PartTag, Tick, encode};
use village::component::{Looks, Position};
use village::tile::{CHUNK_TILES, Tile, chunk_place};

/// Things that stay in their chunks. They are numbered from zero, chunk by chunk.
pub struct Field {
    chunks: Vec<ChunkId>,
    things_a_chunk: usize,
    loaded: Tick,
}

impl Field {
    /// So many things in each of these chunks, there since tick `loaded`.
    #[must_use]
    pub fn new(chunks: Vec<ChunkId>, things_a_chunk: usize, loaded: Tick) -> Self {
        Self { chunks, things_a_chunk, loaded }
    }

    /// How many things there are.
    #[must_use]
    pub fn thing_count(&self) -> usize {
        self.chunks.len() * self.things_a_chunk
    }

    /// All of them, as the tick that has loaded them tells of them.
    #[must_use]
    pub fn load(&self) -> Vec<EntityChange> {
        let whole = |number| {
            let looks = Looks { name: format!("Thing{number}"), archetype: "villager".to_owned() };
            let mut change = self.step(number, self.loaded);
            change.parts.push(part(&looks, self.loaded));
            change
        };
        (0..self.thing_count()).map(whole).collect()
    }

    /// These things have each taken a step in the tick. In ascending order.
    pub fn steps(&self, numbers: impl Iterator<Item = usize>, tick: Tick) -> Vec<EntityChange> {
        numbers.map(|number| self.step(number, tick)).collect()
    }

    /// So many things in each chunk have taken a step in the tick.
    ///
    /// # Panics
    /// Where there are not that many.
    #[must_use]
    pub fn steps_in_each(&self, count: usize, tick: Tick) -> Vec<EntityChange> {
        assert!(count <= self.things_a_chunk, "there are not that many");
        let of_chunk = |chunk| (0..count).map(move |place| chunk * self.things_a_chunk + place);
        self.steps((0..self.chunks.len()).flat_map(of_chunk), tick)
    }

    fn step(&self, number: usize, tick: Tick) -> EntityChange {
        let chunk = self.chunks[number / self.things_a_chunk];
        let (column, row) = chunk_place(chunk).expect("it is a chunk of the village");
        let within = |number: u64| u16::try_from(number % u64::from(CHUNK_TILES)).expect("below 16");
        let tile =
            Tile { x: column * CHUNK_TILES + within(tick.0), y: row * CHUNK_TILES + within(number as u64) };
        EntityChange {
            id: EntityId(2 * number as u64 + 2),
            fate: Fate::Here { chunk: Some(chunk), home: None, entered: self.loaded },
            parts: vec![part(&Position::on(tile), tick)],
        }
    }
}

fn part<C: Replicate>(value: &C, changed: Tick) -> PartChange {
    let body: Arc<[u8]> = encode(&value.wire()).into();
    PartChange { tag: PartTag(C::TAG), audience: Audience::View, changed, body: Some(body) }
}
