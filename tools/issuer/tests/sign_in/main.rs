//! Somebody signs in over HTTP, as a script that does what a browser and a page would do.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod browser;
mod flow;
mod keys;
mod origins;
