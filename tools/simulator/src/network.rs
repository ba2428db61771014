//! The simulated network: connections between clients and servers, each with two ordered directions.
//!
//! As with TCP nothing is reordered or lost within a connection; what is lost takes the connection with it, and each
//! end may find that out by itself, or not at all.

use std::collections::VecDeque;

use bytes::Bytes;
use holdfast_client::WorldCopy;
use holdfast_front::Moment;

/// How many messages the kernels of both ends hold for a client that does not read. Then the server's socket is full.
pub(crate) const ROOM: usize = 3;

/// A message on its way to a client, and, for some, what the client's copy must be once it has taken it in.
pub(crate) struct Parcel {
    pub(crate) arrives: Moment,
    pub(crate) bytes: Bytes,
    pub(crate) expected: Option<Box<WorldCopy>>,
}

/// What a server has to say to a client.
pub(crate) struct Outgoing {
    pub(crate) bytes: Bytes,
    /// Whether it says nothing of the world.
    pub(crate) is_notice: bool,
    pub(crate) expected: Option<Box<WorldCopy>>,
}

/// A connection.
pub(crate) struct Link {
    pub(crate) client: usize,
    pub(crate) host: usize,
    /// The server's process that it leads to.
    pub(crate) life: u64,
    /// What the client has sent, in order.
    pub(crate) up: VecDeque<Vec<u8>>,
    /// When the last of it arrives.
    pub(crate) up_until: Moment,
    /// What the server has written and the client has not read. At most [`ROOM`], and a last word.
    pub(crate) down: VecDeque<Parcel>,
    pub(crate) down_until: Moment,
    /// What the server's socket could not take yet.
    pub(crate) stuck: Option<Outgoing>,
    pub(crate) client_open: bool,
    /// Whether the client's end went without a word to the server.
    pub(crate) is_abandoned: bool,
    pub(crate) server_open: bool,
    /// Whether the server has heard Hello, and the hub knows of the connection.
    pub(crate) greeted: bool,
    /// Whether Welcome has been written.
    pub(crate) welcomed: bool,
    /// Whether word of the server's end is on its way to the client.
    pub(crate) end_is_coming: bool,
}

impl Link {
    pub(crate) fn new(client: usize, host: usize, life: u64) -> Self {
        Self {
            client,
            host,
            life,
            up: VecDeque::new(),
            up_until: Moment::default(),
            down: VecDeque::new(),
            down_until: Moment::default(),
            stuck: None,
            client_open: true,
            is_abandoned: false,
            server_open: true,
            greeted: false,
            welcomed: false,
            end_is_coming: false,
        }
    }
}
