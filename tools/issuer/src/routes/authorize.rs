//! Somebody comes to sign in, and says who they are.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::{cookie, params, redirect, set_cookie};
use crate::guard;
use crate::page::SignInPage;
use crate::params::{FORM_BYTES_MAX, REQUEST_BYTES_MAX};
use crate::provider::Outcome;
use crate::server::{Shared, now_s};

/// The client's request, in a query.
pub(super) async fn from_query(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    authorize(&shared, &headers, &query.unwrap_or_default())
}

/// The client's request, in a form.
pub(super) async fn from_form(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    authorize(&shared, &headers, &body)
}

fn authorize(shared: &Shared, headers: &HeaderMap, request: &str) -> Response {
    let asked = match params(shared, request, REQUEST_BYTES_MAX) {
        Ok(asked) => asked,
        Err(page) => return *page,
    };
    let cookie = cookie(shared, headers);
    let outcome = shared.provider().authorize(&asked, cookie.as_deref(), now_s(), &mut rand::rng());
    answer(shared, request, outcome)
}

fn answer(shared: &Shared, request: &str, outcome: Outcome) -> Response {
    match outcome {
        Outcome::Untrusted(why) => {
            shared.pages.message(StatusCode::BAD_REQUEST, "This sign-in cannot be trusted", why)
        }
        Outcome::Redirect(address) => redirect(&address),
        Outcome::Ask { hint, redirect_uri } => {
            let people = shared.provider().people().to_vec();
            let typed = hint.as_deref().unwrap_or_default();
            let page =
                SignInPage { people: &people, request, redirect_uri: &redirect_uri, typed, refused: false };
            shared.pages.sign_in(StatusCode::OK, &page)
        }
    }
}

/// Somebody has pressed a button of the sign-in page.
pub(super) async fn sign_in(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: String) -> Response {
    if !guard::is_own_page(&headers, &shared.origin) {
        return shared.pages.message(
            StatusCode::FORBIDDEN,
            "This sign-in cannot be trusted",
            "Another page tried to sign you in.",
        );
    }
    let form = match params(&shared, &body, FORM_BYTES_MAX) {
        Ok(form) => form,
        Err(page) => return *page,
    };
    let request = form.get("request").unwrap_or_default();
    let asked = match params(&shared, request, REQUEST_BYTES_MAX) {
        Ok(asked) => asked,
        Err(page) => return *page,
    };
    let mut provider = shared.provider();
    let typed = form.get("name").unwrap_or_default();
    let person = match form.get("subject") {
        Some(subject) => provider.chosen(subject),
        None => provider.named(typed),
    };
    let Some(person) = person else {
        drop(provider);
        return ask_again(&shared, request, typed, asked.get("redirect_uri"));
    };
    let old = cookie(&shared, &headers);
    let signed_in = provider.sign_in(&asked, person, old.as_deref(), now_s(), &mut rand::rng());
    drop(provider);
    match signed_in {
        Ok(signed_in) => {
            let mut response = redirect(&signed_in.redirect);
            set_cookie(&shared, &mut response, Some(&signed_in.cookie));
            response
        }
        Err(outcome) => answer(&shared, request, outcome),
    }
}

/// The page once more, since the name will not do.
fn ask_again(shared: &Shared, request: &str, typed: &str, redirect_uri: Option<&str>) -> Response {
    let provider = shared.provider();
    let people = provider.people().to_vec();
    let redirect_uri =
        redirect_uri.filter(|address| provider.client().redirect_uris.iter().any(|known| known == address));
    let page = SignInPage {
        people: &people,
        request,
        redirect_uri: redirect_uri.unwrap_or_default(),
        typed,
        refused: true,
    };
    shared.pages.sign_in(StatusCode::UNPROCESSABLE_ENTITY, &page)
}
