//! How many of one address's connections may be open that only ask over HTTP.
//!
//! The places of the players' port are for everybody. Whoever takes them all with connections that say nothing keeps
//! everybody out, and needs no more for that than one machine, so no address gets more than its share. What has become
//! a socket does not count any more: that is the [admission](crate::socket::admission)'s to limit.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::socket::admission::household;

/// Counts connections by address. An address that has none is forgotten, so there are never more addresses than open
/// connections.
#[derive(Debug)]
pub(super) struct Askers {
    per_address_max: usize,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// One connection that asks. Counts until it is dropped.
#[derive(Debug)]
pub(super) struct Asker {
    askers: Arc<Askers>,
    address: IpAddr,
}

impl Askers {
    /// None yet.
    pub(super) fn new(per_address_max: usize) -> Arc<Self> {
        Arc::new(Self { per_address_max, open: Mutex::default() })
    }

    /// Counts one more of this address, or says none where it has its share.
    pub(super) fn count(self: &Arc<Self>, address: IpAddr) -> Option<Asker> {
        let address = household(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.get(&address).copied().unwrap_or_default();
        if count >= self.per_address_max {
            return None;
        }
        open.insert(address, count + 1);
        Some(Asker { askers: self.clone(), address })
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        let mut open = self.askers.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_share_gets_it_back_and_is_forgotten() {
        let askers = Askers::new(2);
        let [mine, other] = ["10.0.0.1", "10.0.0.2"].map(|text| text.parse::<IpAddr>().unwrap());
        let held: Vec<_> = (0..3).filter_map(|_| askers.count(mine)).collect();
        assert_eq!(held.len(), 2);
        assert!(askers.count(other).is_some());
        drop(held);
        assert!(askers.count(mine).is_some());
        assert!(askers.open.lock().unwrap().is_empty());
    }
}
