//! What the front says by itself, and does not forward.

use axum::body::Body;
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, LOCATION,
    RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, Request, Response, StatusCode, Uri};

use super::Shared;

/// Who reads an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// A person, in a browser's window.
    Person,
    /// A page's script, or another program.
    Program,
}

impl Reader {
    /// Who asked.
    pub(super) fn of<B>(request: &Request<B>) -> Self {
        let accepts = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if accepts.contains("text/html") { Self::Person } else { Self::Program }
    }
}

/// For a person: what is going on, and that nothing has to be done. The page asks again by itself.
const NOT_THERE: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
    <meta http-equiv=\"refresh\" content=\"2\"><title>The world is just starting</title>\
    <style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1.5rem;\
    background:#1d2b1f;color:#f3efe0}</style></head>\
    <body><h1>The world is just starting</h1><p>It will be here in a moment, for the first time or again. Whatever it \
    told you was saved is safe.</p><p>This page tries again every two seconds. You need not do anything.</p>\
    </body></html>";

/// Nobody is there to forward to, or they do not answer.
pub(super) fn not_there(reader: Reader) -> Response<Body> {
    let mut response = match reader {
        Reader::Person => text("text/html; charset=utf-8", NOT_THERE),
        Reader::Program => {
            text("text/plain; charset=utf-8", "The world is not there at the moment. Try again.\n")
        }
    };
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    set(&mut response, RETRY_AFTER, "2");
    set(&mut response, CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'");
    response
}

/// A request that is nothing to forward.
pub(super) fn refused(status: StatusCode) -> Response<Body> {
    let mut response = text("text/plain; charset=utf-8", "That is no request for this place.\n");
    *response.status_mut() = status;
    response
}

/// The same place, with TLS. It is always our own main address, whatever `Host` says: nobody is sent to a stranger.
pub(super) fn with_tls(shared: &Shared, asked: &Uri) -> Response<Body> {
    elsewhere(&shared.url(asked.path_and_query().map_or("/", |path| path.as_str())))
}

/// Somewhere else of ours, for this time.
pub(super) fn elsewhere(url: &str) -> Response<Body> {
    let Ok(location) = HeaderValue::try_from(url) else { return refused(StatusCode::BAD_REQUEST) };
    let mut response = text("text/plain; charset=utf-8", "");
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    response.headers_mut().insert(LOCATION, location);
    response
}

/// The authority's certificate, in the form in which phones install it.
pub(super) fn certificate(der: &[u8]) -> Response<Body> {
    let mut response = text("application/x-x509-ca-cert", "");
    *response.body_mut() = Body::from(der.to_vec());
    set(&mut response, CONTENT_DISPOSITION, "attachment; filename=\"holdfast.crt\"");
    response
}

fn text(kind: &'static str, body: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    set(&mut response, CONTENT_TYPE, kind);
    set(&mut response, CACHE_CONTROL, "no-store");
    set(&mut response, X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

fn set(response: &mut Response<Body>, name: HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}
