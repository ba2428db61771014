//! Which headers go on to the next machine, and which were meant for this one alone.

use axum::http::HeaderMap;
use axum::http::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, FORWARDED, HOST, HeaderName, TRANSFER_ENCODING, UPGRADE, VIA,
};

/// For the next machine on the way alone (RFC 9110, 7.6.1).
const HOP_BY_HOP: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Whether a request asks to become a WebSocket.
pub(super) fn asks_for_websocket(headers: &HeaderMap) -> bool {
    has_word(headers, &CONNECTION, "upgrade") && has_word(headers, &UPGRADE, "websocket")
}

/// Takes away from a request what does not go on: what is for us, and what strangers say of where it came from.
pub(super) fn clean_request(headers: &mut HeaderMap) {
    // Where a length stands beside chunks, the chunks count, and the length would be a second opinion.
    if headers.contains_key(TRANSFER_ENCODING) {
        headers.remove(CONTENT_LENGTH);
    }
    clean_response(headers);
    // The listener answers it by itself when the body is read.
    headers.remove(EXPECT);
    let claims: Vec<HeaderName> = headers.keys().filter(|name| is_claim(name)).cloned().collect();
    for name in claims {
        headers.remove(name);
    }
}

/// Takes away from an answer what does not go on.
pub(super) fn clean_response(headers: &mut HeaderMap) {
    let listed: Vec<HeaderName> = words(headers, &CONNECTION)
        .filter_map(|word| HeaderName::try_from(word).ok())
        // What says whose request it is and where it ends is not for anybody to take away.
        .filter(|name| *name != HOST && *name != CONTENT_LENGTH)
        .collect();
    for name in listed.iter().map(HeaderName::as_str).chain(HOP_BY_HOP.iter().copied()) {
        headers.remove(name);
    }
}

/// Whether a header claims to know where a request came from.
fn is_claim(name: &HeaderName) -> bool {
    let text = name.as_str();
    *name == FORWARDED || *name == VIA || text.starts_with("x-forwarded-") || text == "x-real-ip"
}

fn has_word(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    words(headers, name).any(|listed| listed.eq_ignore_ascii_case(word))
}

fn words<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        map
    }

    fn names(map: &HeaderMap) -> Vec<&str> {
        let mut names: Vec<&str> = map.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn what_was_for_us_alone_and_what_strangers_claim_does_not_go_on() {
        let mut map = headers(&[
            ("host", "192.168.1.5:8443"),
            ("connection", "close, X-Secret, host"),
            ("x-secret", "1"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("upgrade", "h2c"),
            ("expect", "100-continue"),
            ("forwarded", "for=1.2.3.4"),
            ("x-forwarded-for", "1.2.3.4"),
            ("x-forwarded-proto", "http"),
            ("x-real-ip", "1.2.3.4"),
            ("authorization", "Bearer t"),
            ("content-length", "3"),
        ]);
        clean_request(&mut map);
        assert_eq!(names(&map), ["authorization", "content-length", "host"]);
    }

    #[test]
    fn a_length_beside_chunks_does_not_go_on() {
        let mut map = headers(&[("transfer-encoding", "chunked"), ("content-length", "3")]);
        clean_request(&mut map);
        assert_eq!(names(&map), [""; 0]);
    }

    #[test]
    fn only_a_websocket_is_an_upgrade() {
        assert!(asks_for_websocket(&headers(&[
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "WebSocket")
        ])));
        assert!(!asks_for_websocket(&headers(&[("connection", "upgrade"), ("upgrade", "h2c")])));
        assert!(!asks_for_websocket(&headers(&[("upgrade", "websocket")])));
    }
}
