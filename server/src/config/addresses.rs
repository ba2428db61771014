//! Where the servers of a world are reached: what clients are told, so that they find a standby by themselves.

use std::sync::Arc;

use holdfast_protocol::{ADDRESS_BYTES_MAX, ADDRESSES_MAX};
use reqwest::Url;

/// The WebSocket addresses of a world's servers, each as browsers write it: at most [`ADDRESSES_MAX`], each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses(Vec<String>);

impl Addresses {
    /// Reads a list, separated by commas; an empty text is an empty list.
    ///
    /// # Errors
    /// Where there are too many, or one of them is too long, no WebSocket address, or there twice: a sentence for whoever
    /// wrote it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut all: Vec<String> = Vec::new();
        for part in text.split(',').map(str::trim).filter(|_| !text.trim().is_empty()) {
            let address = address(part)?;
            if all.contains(&address) {
                return Err(format!("{address} is there twice"));
            }
            if all.len() == ADDRESSES_MAX {
                return Err(format!("a world has at most {ADDRESSES_MAX} addresses"));
            }
            all.push(address);
        }
        Ok(Self(all))
    }

    /// All of them, in the order in which they were given.
    #[must_use]
    pub fn all(&self) -> &[String] {
        &self.0
    }

    /// All of them, as a front keeps them.
    #[must_use]
    pub fn shared(&self) -> Arc<[String]> {
        self.0.as_slice().into()
    }

    /// What a page's policy must name so that it may connect to them: scheme, host and port alone.
    #[must_use]
    pub fn sources(&self) -> Vec<String> {
        self.0
            .iter()
            .filter_map(|address| Some(Url::parse(address).ok()?.origin().ascii_serialization()))
            .collect()
    }
}

/// One address, as browsers write it: two ways to write one and the same would otherwise be two servers.
fn address(text: &str) -> Result<String, String> {
    const SAYS: &str =
        "a server's address begins with ws:// or wss:// and has a host, as in wss://a.example.org/ws";
    let url = Url::parse(text).map_err(|_| SAYS.to_owned())?;
    if !matches!(url.scheme(), "ws" | "wss") || url.host_str().is_none() {
        return Err(SAYS.to_owned());
    }
    // Every player reads it, and browsers open none with a fragment.
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err("a server's address has no name, password or fragment in it".to_owned());
    }
    let address = url.to_string();
    if address.len() > ADDRESS_BYTES_MAX {
        return Err(format!("a server's address has at most {ADDRESS_BYTES_MAX} bytes"));
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_kept_in_its_order_and_written_as_browsers_do() {
        let addresses =
            Addresses::parse("wss://B.example:443/ws, ws://127.0.0.1:8080/ws,ws://[::1]:81").unwrap();
        assert_eq!(addresses.all(), ["wss://b.example/ws", "ws://127.0.0.1:8080/ws", "ws://[::1]:81/"]);
        assert_eq!(addresses.sources(), ["wss://b.example", "ws://127.0.0.1:8080", "ws://[::1]:81"]);
        assert_eq!(Addresses::parse(" ").unwrap(), Addresses::default());
    }

    #[test]
    fn what_is_no_list_of_addresses_is_refused_with_a_sentence() {
        let long = format!("ws://a.example/{}", "x".repeat(ADDRESS_BYTES_MAX));
        let many = (0..=ADDRESSES_MAX)
            .map(|number| format!("ws://{number}.example/ws"))
            .collect::<Vec<_>>()
            .join(",");
        for (text, says) in [
            ("https://a.example/ws", "ws:// or wss://"),
            ("a.example:8080", "ws:// or wss://"),
            ("ws://", "ws:// or wss://"),
            ("ws://a.example/ws,,ws://b.example/ws", "ws:// or wss://"),
            ("ws://ada:secret@a.example/ws", "no name, password or fragment"),
            ("ws://a.example/ws#here", "no name, password or fragment"),
            ("ws://a.example/ws,WS://A.example:80/ws", "twice"),
            (long.as_str(), "at most 255 bytes"),
            (many.as_str(), "at most 8 addresses"),
        ] {
            let refused = Addresses::parse(text).unwrap_err();
            assert!(refused.contains(says), "{text}: {refused}");
        }
    }

    #[test]
    fn as_many_as_there_may_be_are_taken() {
        let many = (1..=ADDRESSES_MAX).map(|number| format!("ws://{number}.example/ws")).collect::<Vec<_>>();
        assert_eq!(Addresses::parse(&many.join(",")).unwrap().all().len(), ADDRESSES_MAX);
        let longest = format!("ws://a.example/{}", "x".repeat(ADDRESS_BYTES_MAX - 15));
        assert_eq!(Addresses::parse(&longest).unwrap().all(), [longest]);
    }
}
