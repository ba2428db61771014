//! What the benchmarks stand on: worlds with so many people in them, and fronts that are stepped by hand.
//!
//! Each file of `benches/` is one stage of an action's way, and opens with what its figure is used for. They are run by
//! hand, on a quiet machine, and nothing fails by them: `cargo bench --package holdfast-bench`, or one of them with
//! `--bench gate`.
//!
//! 1. [`people`]: characters as a store would have them, and a world machine that they play in.
//! 2. [`villagers`]: people who take steps on the meadow, and berries that lie about there.
//! 3. [`stage`]: a front that is handed ticks and commits.
//! 4. [`field`]: made-up things for it to show, so many in each chunk.

pub mod field;
pub mod people;
pub mod stage;
pub mod villagers;

pub use field::Field;
pub use people::Peopled;
pub use stage::Stage;
pub use villagers::Villagers;
