//! Bots: load with honest figures, faults while they play, and a checker that believes only what clients saw.
//!
//! Read the modules in this order: [`http`] (what bots ask before they connect), [`history`] (what they did and saw),
//! [`checker`] (whether every promise was kept).

pub mod checker;
pub mod history;
pub mod http;
