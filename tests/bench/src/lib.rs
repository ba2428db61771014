//! What the benchmarks stand on: worlds with so many people in them, and fronts that are stepped by hand.
//!
//! Each file of `benches/` is one stage of an action's way, and opens with what its figure is used for. They are run by
//! hand, on a quiet machine, and nothing fails by them: `cargo bench --package holdfast-bench`, or one of them with
//! `--bench gate`.
//!
//! 1. [`people`]: characters as a store would have them, and a world machine that they play in.
//! 2. [`meadow`]: the village on a larger map. [`villagers`]: people who take steps there, and berries that lie about.
//! 3. [`stage`]: a front that is handed ticks and commits.
//! 4. [`field`]: made-up things for it to show, so many in each chunk.

pub mod field;
pub mod meadow;
pub mod people;
pub mod stage;
pub mod villagers;

pub use field::Field;
pub use meadow::Meadow;
pub use people::Peopled;
pub use stage::Stage;
pub use villagers::Villagers;
