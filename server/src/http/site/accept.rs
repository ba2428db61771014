//! What a request says that it accepts: codings of the body (`Accept-Encoding`), and pages for people (`Accept`).

use axum::http::{HeaderMap, HeaderName, header};

/// How a body can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Brotli,
    Gzip,
    /// As it is.
    Identity,
}

/// The coding that the request likes best out of those that there are. As it is, where the request likes none: a body
/// that somebody may be unable to read says more than an error without one.
pub(super) fn preferred(headers: &HeaderMap, available: impl Fn(Coding) -> bool) -> Coding {
    // The larger first, so that the smaller wins where the request likes both alike.
    let candidates = [(Coding::Gzip, &["gzip", "x-gzip"][..]), (Coding::Brotli, &["br"][..])];
    let mut best = (Coding::Identity, identity_weight(headers));
    for (coding, names) in candidates {
        let weight = weight(headers, header::ACCEPT_ENCODING, names).unwrap_or(0.0);
        if available(coding) && weight > 0.0 && weight >= best.1 {
            best = (coding, weight);
        }
    }
    best.0
}

/// Whether whoever asks can show a page, and says so by name: a program that takes anything wants JSON.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    listed(headers, header::ACCEPT)
        .any(|(name, weight)| name.eq_ignore_ascii_case("text/html") && weight > 0.0)
}

/// What is not mentioned at all is welcome as it is, but less than anything that is.
fn identity_weight(headers: &HeaderMap) -> f32 {
    weight(headers, header::ACCEPT_ENCODING, &["identity"]).unwrap_or(0.0)
}

/// How much a request likes what has one of these names, 0 to 1; none where it says nothing of it.
fn weight(headers: &HeaderMap, header: HeaderName, names: &[&str]) -> Option<f32> {
    let mut otherwise = None;
    for (name, weight) in listed(headers, header) {
        if names.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            return Some(weight);
        }
        if name == "*" {
            otherwise = Some(weight);
        }
    }
    otherwise
}

/// The names that a header lists, each with its weight, in order. A name whose weight cannot be read is not wanted.
fn listed(headers: &HeaderMap, header: HeaderName) -> impl Iterator<Item = (&str, f32)> {
    headers
        .get_all(header)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|item| {
            let mut parameters = item.split(';').map(str::trim);
            let name = parameters.next().unwrap_or("");
            let quality = parameters
                .find_map(|parameter| parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q=")));
            (name, quality.map_or(1.0, read_weight))
        })
}

fn read_weight(text: &str) -> f32 {
    text.parse().ok().filter(|weight| (0.0..=1.0).contains(weight)).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn accepting(header: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_best_liked_coding_that_there_is_is_taken() {
        use Coding::{Brotli, Gzip, Identity};
        let both: &[Coding] = &[Brotli, Gzip];
        for (value, available, expected) in [
            ("gzip, deflate, br, zstd", both, Brotli),
            ("gzip, deflate, br, zstd", &[Gzip], Gzip),
            ("gzip, deflate, br, zstd", &[], Identity),
            ("BR", both, Brotli),
            ("x-gzip", both, Gzip),
            ("br;q=0, gzip", both, Gzip),
            ("br;q=0.0,gzip;q=0", both, Identity),
            ("br;q=0.2, gzip;q=0.8", both, Gzip),
            ("br; q=0.5, gzip;Q=0.5", both, Brotli),
            ("gzip;q=0.1", both, Gzip),
            ("identity, br;q=0.5", both, Identity),
            ("*", both, Brotli),
            ("*;q=0", both, Identity),
            ("br;q=0, *", both, Gzip),
            ("identity;q=0", both, Identity),
            ("", both, Identity),
            ("deflate", both, Identity),
            ("br;q=yes, gzip;q=NaN", both, Identity),
            ("br;q=7", both, Identity),
            (",;q=1,;,", both, Identity),
        ] {
            let headers = accepting(header::ACCEPT_ENCODING, value);
            assert_eq!(preferred(&headers, |coding| available.contains(&coding)), expected, "{value:?}");
        }
        assert_eq!(preferred(&HeaderMap::new(), |_| true), Identity);
    }

    #[test]
    fn only_who_names_html_gets_it() {
        let says = |value| wants_html(&accepting(header::ACCEPT, value));
        assert!(says("text/html,application/xhtml+xml,*/*;q=0.8"));
        assert!(!says("*/*") && !says("application/json") && !says("text/html;q=0"));
        assert!(!wants_html(&HeaderMap::new()));
    }
}
