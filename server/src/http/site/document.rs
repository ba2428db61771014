//! What goes with every document that a browser shows: the headers that say what it may do, and the small plain pages
//! for where there is no better one.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// What a page never needs here, and so may never have, whatever gets into it.
const DENIED: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), \
    encrypted-media=(), geolocation=(), gyroscope=(), hid=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), \
    payment=(), publickey-credentials-create=(), publickey-credentials-get=(), serial=(), usb=(), xr-spatial-tracking=()";
/// A year, for this host alone: its neighbours are not ours.
const HSTS: &str = "max-age=31536000";

/// The headers of documents, from the Origins at which the page is reached, the sockets of the world's servers and the
/// Origins that it signs in at. None where one of them has what no header can hold.
pub(super) fn headers(
    origins: &[String],
    sockets: &[String],
    sign_in_origins: &[String],
) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy(origins, sockets, sign_in_origins)?);
    headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(PERMISSIONS_POLICY, HeaderValue::from_static(DENIED));
    if let Some(sign_in) = sign_in_origins.first() {
        headers.insert(header::LINK, preconnect(sign_in)?);
    }
    // On a machine's own name it would bind whatever else is tried out there.
    let is_public = |origin: &String| {
        origin.strip_prefix("https://").is_some_and(|host| host.split(':').next() != Some("localhost"))
    };
    if !origins.is_empty() && origins.iter().all(is_public) {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    Some(headers)
}

/// The way to the sign-in, which a page soon goes: to be seen (with the browser's cookies), and to be asked (without).
fn preconnect(sign_in_origin: &str) -> Option<HeaderValue> {
    let link = format!("<{sign_in_origin}>; rel=preconnect, <{sign_in_origin}>; rel=preconnect; crossorigin");
    HeaderValue::from_str(&link).ok()
}

fn policy(origins: &[String], sockets: &[String], sign_in_origins: &[String]) -> Option<HeaderValue> {
    // Older browsers do not count the socket to `'self'`.
    let own = origins.iter().filter_map(|origin| Some(format!("ws{}", origin.strip_prefix("http")?)));
    let mut sources: Vec<String> = own.collect();
    for source in sockets.iter().chain(sign_in_origins) {
        if !sources.contains(source) {
            sources.push(source.clone());
        }
    }
    let is_source =
        |source: &String| source.bytes().all(|byte| byte.is_ascii_graphic() && !b";,'".contains(&byte));
    if !sources.iter().all(is_source) {
        return None;
    }
    let connect = std::iter::once("'self'".to_owned()).chain(sources).collect::<Vec<_>>().join(" ");
    HeaderValue::from_str(&format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
         connect-src {connect}; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ))
    .ok()
}

/// The page of a server that was given none. A game's and a world's name are plain letters.
pub(super) fn without_page(game: &str, world: &str) -> String {
    document(
        &format!("The world {world}"),
        &format!(
            "<p>This is a Holdfast world: <strong>{world}</strong>, a {game}. It is running, but this server was \
             started without a page to play it on.</p>\n\
             <p>Players lose nothing by that. To serve the page, the operator builds it with <code>npm run \
             build</code> in <code>web-client</code>, with <code>HOLDFAST_BUILD_ID</code> set to what <code>{game} \
             build-id</code> prints, and starts the server with <code>--page</code> and the folder that the build \
             left (<code>web-client/dist</code>), and with <code>--origins</code> and the address at which the page \
             is opened.</p>"
        ),
    )
}

/// The staff's page of a server that was given none.
pub(super) fn without_staff_page() -> String {
    document(
        "Histograms",
        "<p>This server measures, but it was started without the page that draws what it measures. The figures are at \
         <a href=\"/metrics\">/metrics</a> (for Prometheus) and at <a href=\"/api/histograms\">/api/histograms</a>.</p>\n\
         <p>To have the page, build it with <code>npm run build</code> in <code>web-client</code>, and start the server \
         with <code>--staff-page</code> and the folder that the build left (<code>web-client/dist-staff</code>).</p>",
    )
}

/// The page for an address at which there is nothing.
pub(super) fn nothing_here() -> String {
    document(
        "Nothing here",
        "<p>There is nothing at this address. Nothing of yours is lost by that.</p>\n\
         <p><a href=\"/\">Go to the world</a></p>",
    )
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title} · Holdfast</title>\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(origins: &[&str]) -> Vec<String> {
        origins.iter().map(|origin| (*origin).to_owned()).collect()
    }

    #[test]
    fn a_document_may_reach_the_servers_their_sockets_and_the_sign_in_and_nothing_else() {
        let origins = list(&["https://play.example", "http://127.0.0.1:8080"]);
        let sockets = list(&["wss://play.example", "wss://b.example:8443"]);
        let headers = headers(&origins, &sockets, &list(&["https://id.example"])).unwrap();
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        let connect = policy.split("; ").find(|part| part.starts_with("connect-src ")).unwrap();
        let expected = "connect-src 'self' wss://play.example ws://127.0.0.1:8080 wss://b.example:8443 https://id.example";
        assert_eq!(connect, expected);
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; "), "{policy}");
    }

    #[test]
    fn a_source_cannot_bring_in_a_rule_of_its_own() {
        for bad in ["https://a.example; script-src *", "https://a.example,b", "https://a 'unsafe-inline'"] {
            assert!(headers(&list(&[bad]), &[], &list(&["https://id.example"])).is_none(), "{bad}");
            assert!(headers(&[], &list(&[bad]), &list(&["https://id.example"])).is_none(), "{bad}");
            assert!(headers(&[], &[], &list(&[bad])).is_none(), "{bad}");
        }
    }

    #[test]
    fn only_a_host_that_is_always_reached_by_https_is_bound_to_it() {
        let binds = |origins: &[&str]| {
            headers(&list(origins), &[], &list(&["https://id.example"]))
                .unwrap()
                .contains_key(header::STRICT_TRANSPORT_SECURITY)
        };
        assert!(binds(&["https://play.example"]));
        assert!(!binds(&["https://play.example", "http://play.example:8080"]));
        assert!(!binds(&["https://localhost:8443"]) && !binds(&[]));
    }
}
