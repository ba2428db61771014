//! One file that is kept in memory, and how it is answered with: compressed where the request can take that, and not at
//! all where it has it already.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::accept::{Coding, preferred};

/// How long a browser may keep a file without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// For good: its address changes with its bytes.
    Forever,
    /// Until it is wanted again: then it asks whether it has changed.
    Ask,
}

/// A file, as it is and compressed.
#[derive(Debug)]
pub(super) struct SiteFile {
    content_type: &'static str,
    keep: Keep,
    plain: Coded,
    brotli: Option<Coded>,
    gzip: Option<Coded>,
}

/// The bytes of one coding, and the tag by which a browser asks whether it has them.
#[derive(Debug)]
struct Coded {
    bytes: Bytes,
    tag: HeaderValue,
}

impl SiteFile {
    /// A file whose type follows from its name.
    pub(super) fn new(name: &str, keep: Keep, bytes: Bytes) -> Self {
        let content_type = content_type(name);
        Self { content_type, keep, plain: Coded::new(bytes), brotli: None, gzip: None }
    }

    /// The same, with its compressed twins where there are any.
    pub(super) fn with_twins(mut self, brotli: Option<Bytes>, gzip: Option<Bytes>) -> Self {
        self.brotli = brotli.map(Coded::new);
        self.gzip = gzip.map(Coded::new);
        self
    }

    /// Whether a browser shows it as a document of its own, which may run scripts.
    pub(super) fn is_document(&self) -> bool {
        self.content_type.starts_with("text/html") || self.content_type == "image/svg+xml"
    }

    /// The answer to a request with these headers. A HEAD's body is taken off further out.
    pub(super) fn answer(&self, request: &HeaderMap) -> Response {
        let coding = preferred(request, |coding| self.coded(coding).is_some());
        let coded = self.coded(coding).unwrap_or(&self.plain);
        let has_it = has_tag(request, &coded.tag);
        let mut response = if has_it {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Response::new(Body::from(coded.bytes.clone()))
        };
        let headers = response.headers_mut();
        headers.insert(header::ETAG, coded.tag.clone());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(self.keep.cache_control()));
        if self.brotli.is_some() || self.gzip.is_some() {
            headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        if !has_it {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
            if let Some(name) = coding.name() {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
            }
        }
        response
    }

    fn coded(&self, coding: Coding) -> Option<&Coded> {
        match coding {
            Coding::Brotli => self.brotli.as_ref(),
            Coding::Gzip => self.gzip.as_ref(),
            Coding::Identity => Some(&self.plain),
        }
    }
}

impl Keep {
    fn cache_control(self) -> &'static str {
        match self {
            Self::Forever => "public, max-age=31536000, immutable",
            Self::Ask => "no-cache",
        }
    }
}

impl Coding {
    fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }
}

impl Coded {
    fn new(bytes: Bytes) -> Self {
        let tag =
            HeaderValue::from_str(&format!("\"{}\"", name_of(&bytes))).expect("hex digits fit a header");
        Self { bytes, tag }
    }
}

/// What bytes are called: the first 16 hex digits of their SHA-256.
pub(super) fn name_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether `If-None-Match` names the tag. A proxy that compresses weakens tags; that is good enough here.
fn has_tag(request: &HeaderMap, tag: &HeaderValue) -> bool {
    request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|named| named == "*" || named.strip_prefix("W/").unwrap_or(named).as_bytes() == tag.as_bytes())
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}
