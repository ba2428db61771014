//! Sockets: from a connection that nobody knows to events of the front, and the front's messages back.
//!
//! [`admission`] says how many strangers there may be, [`upgrade`] turns an HTTP request into a WebSocket,
//! [`hello`] finds out who is there, [`entrance`] whether this server has a world to let them into, [`connection`] carries
//! frames until one side ends it, [`farewell`] says why.
//! [`connections`] is where the hub reaches every socket. No socket sees a component: what it carries are messages of
//! the protocol, and bytes that the front encoded.

use std::sync::Arc;
use std::time::Duration;

use holdfast_front::FrontEvent;
use holdfast_protocol::BuildId;
use tokio::sync::mpsc;

use crate::auth::Auth;
use crate::config::DoorConfig;
use crate::telemetry::meter::Meter;

pub mod admission;
mod connection;
pub mod connections;
pub mod entrance;
mod farewell;
mod hello;
pub mod upgrade;

use admission::Admission;
use connections::Connections;
use entrance::Entrance;

/// How many events may wait for the hub. Beyond it sockets are not read until there is room: the back-pressure
/// reaches the clients' own kernels, and nothing is dropped.
pub const HUB_EVENTS_MAX: usize = 4_096;

/// Where sockets put what they hear.
pub type HubSender = mpsc::Sender<FrontEvent>;

/// The queue between the sockets and the hub.
#[must_use]
pub fn hub_channel() -> (HubSender, mpsc::Receiver<FrontEvent>) {
    mpsc::channel(HUB_EVENTS_MAX)
}

/// What all sockets of a server share.
#[derive(Debug)]
pub struct Sockets {
    /// The only build that is spoken with.
    pub build: BuildId,
    /// Who tells who somebody is.
    pub auth: Arc<Auth>,
    /// Where this server stands with its world.
    pub entrance: Arc<Entrance>,
    /// Where the hub finds them.
    pub connections: Arc<Connections>,
    /// How many strangers there may be.
    pub admission: Arc<Admission>,
    /// Which pages and programs may connect.
    pub door: Door,
    /// How long and how often.
    pub limits: SocketLimits,
    /// Where it is written down how long things took.
    pub meter: Arc<Meter>,
}

/// Which pages and programs may connect.
#[derive(Clone, Debug)]
pub struct Door {
    /// The Origins of pages, in small letters.
    pub origins: Vec<String>,
    /// Whether programs that send no Origin may.
    pub native_clients: bool,
}

impl Door {
    /// The door as configured.
    #[must_use]
    pub fn new(config: &DoorConfig) -> Self {
        Self { origins: config.origins.clone(), native_clients: config.native_clients }
    }

    /// Whether a client with this Origin, or none, may come in.
    #[must_use]
    pub fn admits(&self, origin: Option<&str>) -> bool {
        match origin {
            Some(origin) => self.origins.iter().any(|known| known.eq_ignore_ascii_case(origin)),
            None => self.native_clients,
        }
    }
}

/// What one socket may take, in time and in frames.
#[derive(Clone, Copy, Debug)]
pub struct SocketLimits {
    /// From the upgrade until Hello is read and its token verified.
    pub hello: Duration,
    /// Without a whole message from the client: it is dead. Pings of the WebSocket do not count, nor do pieces of a
    /// message that never ends. The front gives up a silent session before this; it is for those whose hub does not
    /// come to that, and so leaves nobody's socket open for ever.
    pub silence: Duration,
    /// Until a message that was begun is with the kernel. The front gives up a slow reader before this; it is for
    /// those to whom not even that can be said.
    pub stall: Duration,
    /// Messages a second, over time.
    pub frames_per_s: u32,
    /// Messages at once.
    pub frames_burst: u32,
    /// Actions in messages of several, a second, over time: what a client can have answered at the fastest tick rate.
    pub acts_per_s: u32,
    /// Such actions at once.
    pub acts_burst: u32,
    /// Pings and pongs a second, over time.
    pub controls_per_s: u32,
    /// Pings and pongs at once.
    pub controls_burst: u32,
    /// How often the time limits are looked at.
    pub check_every: Duration,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self {
            hello: Duration::from_secs(5),
            silence: Duration::from_secs(35),
            stall: Duration::from_secs(12),
            frames_per_s: 60,
            frames_burst: 200,
            acts_per_s: 64 * 60,
            acts_burst: 256,
            controls_per_s: 2,
            controls_burst: 10,
            check_every: Duration::from_secs(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_admitted_by_their_exact_origin_and_programs_by_a_setting() {
        let mut door = Door { origins: vec!["https://play.example".to_owned()], native_clients: true };
        assert!(door.admits(Some("https://play.example")) && door.admits(None));
        for stranger in
            ["https://play.example:8443", "http://play.example", "https://evil.example", "null", ""]
        {
            assert!(!door.admits(Some(stranger)), "{stranger}");
        }
        door.native_clients = false;
        assert!(!door.admits(None));
    }
}
