//! Every trouble that a store can have, under a world that is played: what passes within a moment nobody is told of; what
//! lasts pauses the world, in so many words, and it goes on by itself; what cannot go on ends with the right exit code
//! and a log that says why. In the end the tables hold what was acknowledged, and hold it once.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "played_faults/ends.rs"]
mod ends;
#[path = "played_faults/lasts.rs"]
mod lasts;
#[path = "played_faults/passes.rs"]
mod passes;
#[path = "played_faults/stage.rs"]
mod stage;
