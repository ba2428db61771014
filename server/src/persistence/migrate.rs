//! A step of a game's or the engine's schema.

/// One step. Steps are applied once each, in the order of their versions, and never changed afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its place in the order; by custom the date and a number.
    pub version: i64,
    /// What it does, as its file says it.
    pub name: &'static str,
    /// The statements.
    pub sql: &'static str,
}
