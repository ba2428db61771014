//! Holdfast: an authoritative world server that never lets go of what it has acknowledged.

pub mod action;
pub mod auth;
pub mod clock;
pub mod config;
pub mod http;
pub mod persistence;
pub mod shutdown;
pub mod socket;
pub mod telemetry;
pub mod world;
