//! Requests in, answers out; what they come to is decided by the provider.

mod authorize;
mod discovery;
mod log_out;
mod token;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{COOKIE, LOCATION, RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use crate::guard;
use crate::key::{KeyError, SigningKey};
use crate::params::{FORM_BYTES_MAX, Params};
use crate::server::{Shared, now_s};

/// Every path of the issuer, behind the path of its name.
pub(crate) fn all(shared: Arc<Shared>) -> Router {
    let for_scripts = Router::new()
        .route("/.well-known/openid-configuration", get(discovery::document))
        .route("/jwks", get(discovery::keys))
        .route("/token", post(token::token))
        .layer(from_fn_with_state(Arc::clone(&shared), guard::client_pages));
    let mut routes = Router::new()
        .route("/", get(front_page))
        .route("/authorize", get(authorize::from_query).post(authorize::from_form))
        .route("/sign-in", post(authorize::sign_in))
        .route("/logout", get(log_out::from_query).post(log_out::from_form))
        .route("/logout/confirmed", post(log_out::confirmed));
    if !shared.behind_proxy {
        routes = routes.route("/dev/rotate", post(rotate));
    }
    let routes = routes.merge(for_scripts);
    let placed = if shared.path.is_empty() { routes } else { Router::new().nest(&shared.path, routes) };
    placed.layer(DefaultBodyLimit::max(FORM_BYTES_MAX)).layer(from_fn(guard::headers)).with_state(shared)
}

/// For whoever opens the issuer's address.
async fn front_page(State(shared): State<Arc<Shared>>) -> Response {
    shared.pages.message(
        StatusCode::OK,
        "Development sign-in",
        "Nothing to do here. The game sends you to this place when you sign in.",
    )
}

/// Makes a new key, at a developer's wish.
async fn rotate(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    if !guard::is_own_page(&headers, &shared.origin) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let rotated = SigningKey::generate().and_then(|key| shared.provider().rotate(key, now_s()));
    match rotated {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error @ KeyError::TooMany { retry_after_s }) => {
            (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, retry_after_s.to_string())], error.to_string())
                .into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Parameters of a query or a form, or a page that says what is wrong with them.
fn params(shared: &Shared, text: &str, bytes_max: usize) -> Result<Params, Box<Response>> {
    Params::read(text, bytes_max).map_err(|error| {
        Box::new(shared.pages.message(
            StatusCode::BAD_REQUEST,
            "That cannot be read",
            &format!("It seems that {error}."),
        ))
    })
}

/// Where to go on.
fn redirect(address: &str) -> Response {
    match HeaderValue::try_from(address) {
        Ok(address) => (StatusCode::SEE_OTHER, [(LOCATION, address)]).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// The name of the cookie: with the port in it, since browsers keep one jar for all ports of a host.
fn cookie_name(shared: &Shared) -> String {
    let port = shared.origin.rsplit(':').next().filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    format!("holdfast_issuer_{}", port.unwrap_or("default"))
}

/// The secret in the cookie that a browser sent.
fn cookie(shared: &Shared, headers: &HeaderMap) -> Option<String> {
    let name = cookie_name(shared);
    let texts = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    texts
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, secret)| secret.to_owned())
}

/// Gives the browser a cookie for as long as it is open; none takes it back.
fn set_cookie(shared: &Shared, response: &mut Response, secret: Option<&str>) {
    let path = if shared.path.is_empty() { "/" } else { &shared.path };
    let secure = if shared.origin.starts_with("https:") { "; Secure" } else { "" };
    let age = if secret.is_none() { "; Max-Age=0" } else { "" };
    let text = format!(
        "{}={}; Path={path}; HttpOnly; SameSite=Lax{secure}{age}",
        cookie_name(shared),
        secret.unwrap_or_default()
    );
    if let Ok(value) = HeaderValue::try_from(text) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}
