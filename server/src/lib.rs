//! Holdfast: an authoritative world server that never lets go of what it has acknowledged.

pub mod action;
pub mod persistence;
pub mod world;
