//! Where a client tries next: the addresses of all servers of its world, in turn.
//!
//! One server at a time plays a world; the others stand by, and each may be the next that does. So whoever loses one goes
//! round through all of them, without waiting in between. Only from round to round it waits, as [`crate::backoff`] says.
//! Where a server asks to wait, that holds for that server.

use std::time::Duration;

use holdfast_protocol::{ADDRESS_BYTES_MAX, ADDRESSES_MAX, Code, ErrorBody};

use crate::connection::OPEN_WAIT_MAX;

/// How long opening a connection may take in the first round, where there is another address to go to. A server that
/// hangs still accepts connections, and says nothing on them. In each later round it is twice as long, for slow lines.
const FIRST_OPEN_WAIT: Duration = Duration::from_secs(1);

/// What comes after a lost connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Whether a new round begins with it, so that there is a wait before.
    pub begins_round: bool,
    /// When the first of the addresses that may be next is due, as their servers have asked.
    pub not_before: Duration,
}

/// The addresses of a world: the one that the user configured, always, and those that servers have told of.
#[derive(Clone, Debug)]
pub struct Addresses {
    configured: String,
    /// In the order in which they are tried; at most two more than a server may tell of.
    all: Vec<Known>,
    /// The place of the one that is used or tried now.
    current: usize,
    /// Whether the next try is to be at another one.
    goes_on: bool,
    /// How many rounds have begun since the last welcome.
    rounds: u32,
}

#[derive(Clone, Debug)]
struct Known {
    address: String,
    not_before: Duration,
    tried: bool,
}

impl Addresses {
    /// Only what the user configured: `host:port`, or a whole address that begins with `ws://`.
    #[must_use]
    pub fn new(configured: &str) -> Self {
        let configured = whole(configured);
        let all = vec![Known::new(configured.clone())];
        Self { configured, all, current: 0, goes_on: false, rounds: 1 }
    }

    /// The address to connect to now: where the last one is to be left, the first after it that is yet to be tried in this
    /// round and is due; where none is due, the one that soonest is.
    pub fn choose(&mut self, now: Duration) -> &str {
        if std::mem::take(&mut self.goes_on) {
            let count = self.all.len();
            let places = (1..=count).map(|step| (self.current + step) % count);
            let left = places.filter_map(|place| Some((place, self.all.get(place)?)));
            let first =
                left.filter(|(_, known)| !known.tried).min_by_key(|(_, known)| known.not_before.max(now));
            self.current = first.map_or(self.current, |(place, _)| place);
        }
        self.current()
    }

    /// The address that was chosen last.
    #[must_use]
    pub fn current(&self) -> &str {
        self.all.get(self.current).map_or(&self.configured, |known| &known.address)
    }

    /// How long opening a connection to it may take.
    #[must_use]
    pub fn open_wait(&self) -> Duration {
        if self.all.len() == 1 {
            return OPEN_WAIT_MAX;
        }
        let doublings = self.rounds.saturating_sub(1).min(8);
        (FIRST_OPEN_WAIT * (1 << doublings)).min(OPEN_WAIT_MAX)
    }

    /// The server at the current address has let the client in, and told of all servers of the world, itself first. What
    /// this client cannot open is left out, and so is what is more than a server may tell of.
    pub fn welcomed(&mut self, told: &[String]) {
        let current = self.current().to_owned();
        let mut told: Vec<String> = told
            .iter()
            .filter(|address| address.starts_with("ws://") && address.len() <= ADDRESS_BYTES_MAX)
            .take(ADDRESSES_MAX)
            .cloned()
            .collect();
        // Reached by another name (a balancer's, perhaps): the first is the same server, so it is the last to go to.
        if !told.is_empty() && !told.contains(&current) {
            told.rotate_left(1);
        }
        for always in [&self.configured, &current] {
            if !told.contains(always) {
                told.insert(0, always.clone());
            }
        }
        self.current = told.iter().position(|address| *address == current).unwrap_or(0);
        self.all = told.into_iter().map(Known::new).collect();
        (self.goes_on, self.rounds) = (false, 0);
    }

    /// The connection to the current address was lost, or could not be had; with the server's last word, where it had
    /// one.
    pub fn lost(&mut self, now: Duration, error: Option<&ErrorBody>) -> Turn {
        let asked = error.map_or(0, |error| error.retry_after_ms);
        if let Some(known) = self.all.get_mut(self.current) {
            known.not_before = now + Duration::from_millis(u64::from(asked));
            known.tried = self.rounds > 0;
        }
        let stays = error.is_some_and(|error| !speaks_of_the_server(error.code));
        let begins_round = stays || self.rounds == 0 || self.all.iter().all(|known| known.tried);
        if begins_round {
            self.rounds = self.rounds.saturating_add(1);
            self.all.iter_mut().for_each(|known| known.tried = false);
        }
        self.goes_on = !stays;
        let next = self
            .all
            .iter()
            .enumerate()
            .filter(|(place, known)| if stays { *place == self.current } else { !known.tried });
        Turn { begins_round, not_before: next.map(|(_, known)| known.not_before).min().unwrap_or(now) }
    }
}

impl Known {
    fn new(address: String) -> Self {
        Self { address, not_before: Duration::ZERO, tried: false }
    }
}

/// Whether a server that ends a connection with this says so of itself, so that another one may take the client in. All
/// other codes speak of the client: it would hear the same anywhere.
fn speaks_of_the_server(code: Code) -> bool {
    matches!(code, Code::NOT_OWNER | Code::MAINTENANCE | Code::STORE_UNAVAILABLE | Code::INTERNAL)
}

/// As servers write it, so that one address is not two.
fn whole(address: &str) -> String {
    if address.contains("://") { address.to_owned() } else { format!("ws://{address}/ws") }
}

#[cfg(test)]
mod tests;
