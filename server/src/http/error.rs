//! How HTTP says no: the same code, category and sentence as the socket, as JSON.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use holdfast_protocol::{Code, ErrorBody};
use serde_json::json;

use crate::telemetry::log_refusal;

/// A refusal: an HTTP status, and a code of the registry.
#[derive(Clone, Copy, Debug)]
pub struct ApiError {
    status: StatusCode,
    body: ErrorBody,
}

impl ApiError {
    /// A refusal with one of the engine's codes; `retry_after_ms` is zero where waiting is not what is missing.
    #[must_use]
    pub fn new(status: StatusCode, code: Code, retry_after_ms: u32) -> Self {
        Self { status, body: ErrorBody::new(code, retry_after_ms, rand::random()) }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        log_refusal(&self.body, None);
        let ErrorBody { code, category, retryable, retry_after_ms, correlation_id } = self.body;
        let message = code.engine_entry().map_or("", |entry| entry.says);
        // Numbers beyond 2^53 would be rounded by JavaScript, so ids travel as text.
        let body = json!({ "error": {
            "code": code.to_string(),
            "category": category,
            "retryable": retryable,
            "retry_after_ms": retry_after_ms,
            "correlation_id": correlation_id.to_string(),
            "message": message,
        }});
        let mut response = super::json(self.status, &body);
        if retry_after_ms > 0 {
            let seconds = HeaderValue::from(retry_after_ms.div_ceil(1_000));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}
