//! The staff's port: what operators read of the server. It listens on the loopback unless it is told otherwise, and knows no
//! players: whoever reaches it may read it.
//!
//! | path | what |
//! |---|---|
//! | `/metrics` | everything that is measured, for Prometheus (OpenMetrics text) |
//! | `/api/histograms` | every histogram whole and by intervals of five seconds; `?since=` milliseconds since 1970 |
//! | `/` | the page that draws them |

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use holdfast_protocol::Code;
use serde::Deserialize;

use super::error::ApiError;
use super::listen::ConnectionLimits;
use super::site::files::Files;
use super::{json, nothing_to_do_here, security_headers};
use crate::auth::Auth;
use crate::telemetry::intervals::{INTERVAL, now_ms};
use crate::telemetry::meter::Meter;

/// How many connections there may be: a scraper, and some browsers.
pub const CONNECTIONS: ConnectionLimits = ConnectionLimits { total_max: 64, asking_per_address_max: 64 };

/// Whose page a browser asks for.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// As Prometheus asks for it.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What the routes of the staff's port share.
#[derive(Clone)]
pub struct StaffPort {
    /// Everything that is measured.
    pub meter: Arc<Meter>,
    /// Who tells who players are.
    pub auth: Arc<Auth>,
    /// The page.
    pub page: Arc<Files>,
}

/// The routes of the staff's port.
pub fn router(port: StaffPort) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/api/histograms", get(histograms))
        .fallback(file_or_nothing)
        .method_not_allowed_fallback(nothing_to_do_here)
        .layer(from_fn(only_by_address))
        .layer(map_response(security_headers))
        .with_state(port)
}

/// A page of somebody else's, opened in an operator's browser, could come here under a name of its own that it lets point
/// to us. So we are reached by an address or as `localhost`, and by no other name.
///
/// Nor may such a page, which can read nothing of ours, have us work for it: browsers say where a question comes from.
async fn only_by_address(request: Request, next: Next) -> Response {
    if is_address(request.headers()) && !is_foreign(request.headers()) {
        next.run(request).await
    } else {
        ApiError::new(StatusCode::FORBIDDEN, Code::ORIGIN_REFUSED, 0).into_response()
    }
}

fn is_address(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let Some(authority) = host.and_then(|host| host.parse::<Authority>().ok()) else { return false };
    let name = authority.host();
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name == "localhost" || bare.parse::<std::net::IpAddr>().is_ok()
}

fn is_foreign(headers: &HeaderMap) -> bool {
    headers.get(FETCH_SITE).is_some_and(|site| site == "cross-site" || site == "same-site")
}

async fn metrics(State(port): State<StaffPort>) -> Response {
    port.meter.dependency("issuer", port.auth.is_answered());
    match port.meter.instruments().exposition() {
        Ok(text) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static(OPENMETRICS)),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ];
            (headers, text).into_response()
        }
        Err(_) => ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, Code::INTERNAL, 0).into_response(),
    }
}

/// From when on intervals are wanted.
#[derive(Deserialize)]
struct Since {
    #[serde(default)]
    since: u64,
}

async fn histograms(State(port): State<StaffPort>, since: Result<Query<Since>, QueryRejection>) -> Response {
    let Ok(Query(Since { since })) = since else {
        return ApiError::new(StatusCode::BAD_REQUEST, Code::MALFORMED, 0).into_response();
    };
    // Fifteen minutes of histograms are a megabyte: not on a thread that players' messages pass.
    let made = tokio::task::spawn_blocking(move || {
        let (interval_ms, histograms) = (INTERVAL.as_millis(), port.meter.instruments().view(since));
        json(
            StatusCode::OK,
            &serde_json::json!({ "interval_ms": interval_ms, "now_ms": now_ms(), "histograms": histograms }),
        )
    });
    made.await.unwrap_or_else(|_| {
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, Code::INTERNAL, 0).into_response()
    })
}

async fn file_or_nothing(State(port): State<StaffPort>, request: Request) -> Response {
    port.page.answer(request.method(), request.uri().path(), request.headers())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_staffs_port_is_reached_by_address_and_by_no_other_name() {
        let is_let_in =
            |host: &str| is_address(&HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]));
        for host in ["127.0.0.1:8081", "localhost:8081", "[::1]:8081", "10.1.2.3"] {
            assert!(is_let_in(host), "{host}");
        }
        for host in ["evil.example:8081", "localhost.evil.example", "127.0.0.1.evil.example", ""] {
            assert!(!is_let_in(host), "{host}");
        }
        assert!(!is_address(&HeaderMap::new()));
    }

    #[test]
    fn another_sites_page_is_served_nothing() {
        let is_foreign =
            |site: &str| is_foreign(&HeaderMap::from_iter([(FETCH_SITE, site.parse().unwrap())]));
        assert!(is_foreign("cross-site") && is_foreign("same-site"));
        assert!(!is_foreign("same-origin") && !is_foreign("none") && !super::is_foreign(&HeaderMap::new()));
    }
}
