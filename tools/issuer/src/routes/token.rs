//! The token endpoint.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::StringRejection;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::params::{Params, REQUEST_BYTES_MAX};
use crate::provider::{Denial, Tokens};
use crate::server::{Shared, now_s};

/// A client asks for tokens.
pub(super) async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<String, StringRejection>,
) -> Response {
    match exchange(&shared, &headers, body) {
        Ok(tokens) => Json(tokens).into_response(),
        Err(denial) => {
            let status =
                if denial == Denial::Client { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
            let (error, why) = denial.names();
            (status, Json(json!({ "error": error, "error_description": why }))).into_response()
        }
    }
}

fn exchange(
    shared: &Shared,
    headers: &HeaderMap,
    body: Result<String, StringRejection>,
) -> Result<Tokens, Denial> {
    let is_form = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|value| value.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    if !is_form {
        return Err(Denial::Request("the body is a form: application/x-www-form-urlencoded"));
    }
    if headers.contains_key(AUTHORIZATION) {
        return Err(Denial::Client);
    }
    let body = body.map_err(|_| Denial::Request("the body is too long, or not UTF-8"))?;
    let params = Params::read(&body, REQUEST_BYTES_MAX)
        .map_err(|_| Denial::Request("the parameters are too long, or one is there twice"))?;
    shared.provider().exchange(&params, now_s(), &mut rand::rng())
}
