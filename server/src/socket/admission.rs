//! How many strangers there may be: connections that have not yet shown who they are, in all and per address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex};

use holdfast_front::{Bucket, Moment};

use crate::config::DoorConfig;

/// How many addresses are remembered. Those at rest are forgotten when room is needed; where all of them are busy, a
/// further address is refused.
const ADDRESSES_MAX: usize = 8_192;

/// How many seconds' worth of strangers may come at once after a rest: a browser that opens the tabs of last time makes
/// three requests a tab that count (its characters, perhaps a new one, the socket), all in the same instant.
const BURST_SECONDS: u32 = 2;

/// Counts strangers.
#[derive(Debug)]
pub struct Admission {
    total_max: usize,
    per_address_max: usize,
    connects_per_s: u32,
    strangers: Mutex<Strangers>,
}

#[derive(Debug, Default)]
struct Strangers {
    total: usize,
    addresses: HashMap<IpAddr, Address>,
}

#[derive(Debug)]
struct Address {
    open: usize,
    connects: Bucket,
}

/// A stranger who was let in. Counts until it is dropped: when the stranger is known, or gone.
#[derive(Debug)]
pub struct Admitted {
    admission: Arc<Admission>,
    address: IpAddr,
}

impl Admission {
    /// The limits as configured.
    #[must_use]
    pub fn new(config: &DoorConfig) -> Arc<Self> {
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        Arc::new(Self {
            total_max: count(config.unidentified),
            per_address_max: count(config.unidentified_per_address),
            connects_per_s: config.connects_per_address,
            strangers: Mutex::default(),
        })
    }

    /// Lets in a stranger from `address`, or none where there are too many, or they come too fast. An IPv6 address
    /// counts by its /64, which is what one household or one machine has.
    pub fn admit(self: &Arc<Self>, address: IpAddr, now: Moment) -> Option<Admitted> {
        let address = household(address);
        let mut strangers = self.strangers.lock().expect("nothing panics while it holds the count");
        if strangers.total >= self.total_max {
            return None;
        }
        if strangers.addresses.len() >= ADDRESSES_MAX && !strangers.addresses.contains_key(&address) {
            #[expect(clippy::disallowed_methods, reason = "all that have rested go, in whatever order")]
            strangers.addresses.retain(|_, other| other.open > 0 || !other.connects.is_rested(now));
            if strangers.addresses.len() >= ADDRESSES_MAX {
                return None;
            }
        }
        let entry = strangers.addresses.entry(address).or_insert_with(|| Address {
            open: 0,
            connects: Bucket::per_second(self.connects_per_s, self.connects_per_s * BURST_SECONDS),
        });
        if entry.open >= self.per_address_max || entry.connects.take(now).is_err() {
            return None;
        }
        entry.open += 1;
        strangers.total += 1;
        Some(Admitted { admission: self.clone(), address })
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut strangers = self.admission.strangers.lock().expect("nothing panics while it holds the count");
        strangers.total -= 1;
        if let Some(entry) = strangers.addresses.get_mut(&self.address) {
            entry.open -= 1;
        }
    }
}

/// Whose an address is: an IPv6 address counts by its /64, which is what one household or one machine has.
pub(crate) fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn admission(
        unidentified: u32,
        unidentified_per_address: u32,
        connects_per_address: u32,
    ) -> Arc<Admission> {
        Admission::new(&DoorConfig {
            origins: Vec::new(),
            native_clients: true,
            unidentified,
            unidentified_per_address,
            connects_per_address,
        })
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    const NOW: Moment = Moment(Duration::from_secs(100));

    #[test]
    fn strangers_are_bounded_in_all() {
        let admission = admission(2, 2, 10);
        let first = admission.admit(ip("10.0.0.1"), NOW).unwrap();
        let _second = admission.admit(ip("10.0.0.2"), NOW).unwrap();
        assert!(admission.admit(ip("10.0.0.3"), NOW).is_none());
        drop(first);
        assert!(admission.admit(ip("10.0.0.3"), NOW).is_some());
    }

    #[test]
    fn one_address_cannot_take_every_place() {
        let admission = admission(100, 2, 10);
        let held: Vec<_> = (0..3).filter_map(|_| admission.admit(ip("10.0.0.1"), NOW)).collect();
        assert_eq!(held.len(), 2);
        assert!(admission.admit(ip("10.0.0.2"), NOW).is_some());
    }

    #[test]
    fn an_address_connects_only_so_often() {
        let admission = admission(100, 100, 10);
        let let_in = |now| (0..30).filter(|_| admission.admit(ip("10.0.0.1"), now).is_some()).count();
        assert_eq!(let_in(NOW), 20);
        assert_eq!(let_in(NOW + Duration::from_millis(500)), 5);
    }

    #[test]
    fn an_ipv6_household_is_one_address_and_a_mapped_one_is_ipv4() {
        let admission = admission(100, 1, 10);
        let _held = admission.admit(ip("2001:db8:0:1::1"), NOW).unwrap();
        assert!(admission.admit(ip("2001:db8:0:1:ffff::2"), NOW).is_none());
        assert!(admission.admit(ip("2001:db8:0:2::1"), NOW).is_some());
        assert_eq!(household(ip("::ffff:10.0.0.1")), ip("10.0.0.1"));
    }

    #[test]
    fn remembered_addresses_are_bounded() {
        let admission = admission(100, 100, 10);
        for number in 0..20_000_u32 {
            let address = IpAddr::V4(std::net::Ipv4Addr::from(number));
            let now = NOW + Duration::from_millis(u64::from(number));
            assert!(admission.admit(address, now).is_some());
        }
        assert!(admission.strangers.lock().unwrap().addresses.len() <= ADDRESSES_MAX);
    }
}
