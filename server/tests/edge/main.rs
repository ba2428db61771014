//! The engine's edge against real sockets: tokens of a real issuer, HTTP, and the WebSocket, with the test as hub.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod auth;
mod entrance;
mod http;
mod issuer;
mod page;
mod server;
mod site;
mod socket;
mod visit;
