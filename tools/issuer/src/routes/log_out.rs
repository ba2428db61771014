//! Somebody signs out.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::{cookie, params, redirect, set_cookie};
use crate::guard;
use crate::params::{FORM_BYTES_MAX, REQUEST_BYTES_MAX};
use crate::provider::LogOut;
use crate::server::{Shared, now_s};

/// The client's wish, in a query.
pub(super) async fn from_query(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    log_out(&shared, &headers, &query.unwrap_or_default(), false)
}

/// The client's wish, in a form.
pub(super) async fn from_form(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    log_out(&shared, &headers, &body, false)
}

/// The person has confirmed it.
pub(super) async fn confirmed(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    if !guard::is_own_page(&headers, &shared.origin) {
        return shared.pages.message(
            StatusCode::FORBIDDEN,
            "You are still signed in",
            "Another page tried to sign you out.",
        );
    }
    match params(&shared, &body, FORM_BYTES_MAX) {
        Ok(form) => log_out(&shared, &headers, form.get("request").unwrap_or_default(), true),
        Err(page) => *page,
    }
}

fn log_out(shared: &Shared, headers: &HeaderMap, request: &str, is_confirmed: bool) -> Response {
    let asked = match params(shared, request, REQUEST_BYTES_MAX) {
        Ok(asked) => asked,
        Err(page) => return *page,
    };
    let outcome =
        shared.provider().log_out(&asked, cookie(shared, headers).as_deref(), is_confirmed, now_s());
    match outcome {
        LogOut::Untrusted(why) => {
            shared.pages.message(StatusCode::BAD_REQUEST, "You are still signed in", why)
        }
        LogOut::Ask => shared.pages.confirm_log_out(request, asked.get("post_logout_redirect_uri")),
        LogOut::Done { redirect: address, ends_cookie } => {
            let mut response = match address {
                Some(address) => redirect(&address),
                None => {
                    shared.pages.message(StatusCode::OK, "You are signed out", "You can close this page.")
                }
            };
            if ends_cookie {
                set_cookie(shared, &mut response, None);
            }
            response
        }
    }
}
