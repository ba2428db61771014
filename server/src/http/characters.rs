//! Making a character, and listing one's own.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;
use holdfast_front::Account;
use holdfast_protocol::{Code, EntityId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::{Peer, PlayerPort};
use crate::auth::{AccessToken, AuthError, Claims};
use crate::clock;
use crate::socket::entrance::Ownership;

/// The largest request that is read, in bytes.
const REQUEST_BYTES_MAX: usize = 4 * 1024;
/// How long it may take to arrive.
const REQUEST_TIME: Duration = Duration::from_secs(5);

/// Where characters are made and kept. PostgreSQL is one; a test has another.
pub trait CharacterStore: Send + Sync {
    /// Makes a character of `account`. The name's form has been checked.
    fn create<'a>(
        &'a self,
        account: &'a Account,
        name: &'a str,
        archetype: &'a str,
    ) -> BoxFuture<'a, Result<CharacterCreated, CharacterError>>;

    /// The account's characters, oldest first.
    fn list<'a>(
        &'a self,
        account: &'a Account,
    ) -> BoxFuture<'a, Result<Vec<CharacterSummary>, CharacterError>>;
}

/// A character that was made just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CharacterCreated {
    /// Its id: what Hello names.
    pub id: EntityId,
}

/// A character as its owner sees it in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CharacterSummary {
    /// Its id: what Hello names.
    pub id: EntityId,
    /// Its name.
    pub name: String,
    /// What kind of character it is.
    pub archetype: String,
}

/// Why a character is not made, or the list cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CharacterError {
    /// No name for a character.
    #[error("the name has the wrong form")]
    NameInvalid,
    /// Somebody has it.
    #[error("the name is taken")]
    NameTaken,
    /// The account has as many as it may.
    #[error("the account has too many characters")]
    TooMany,
    /// No such kind.
    #[error("there is no such archetype")]
    UnknownArchetype,
    /// The store cannot be asked.
    #[error("the store is not available")]
    Unavailable,
}

impl From<CharacterError> for ApiError {
    fn from(error: CharacterError) -> Self {
        let (status, code, retry_after_ms) = match error {
            CharacterError::NameInvalid => (StatusCode::UNPROCESSABLE_ENTITY, Code::NAME_INVALID, 0),
            CharacterError::NameTaken => (StatusCode::CONFLICT, Code::NAME_TAKEN, 0),
            CharacterError::TooMany => (StatusCode::CONFLICT, Code::TOO_MANY_CHARACTERS, 0),
            CharacterError::UnknownArchetype => {
                (StatusCode::UNPROCESSABLE_ENTITY, Code::UNKNOWN_ARCHETYPE, 0)
            }
            CharacterError::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, Code::STORE_UNAVAILABLE, 2_000),
        };
        Self::new(status, code, retry_after_ms)
    }
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        let (status, retry_after_ms) = match error {
            AuthError::Invalid | AuthError::Expired => (StatusCode::UNAUTHORIZED, 0),
            AuthError::ScopeMissing => (StatusCode::FORBIDDEN, 0),
            AuthError::IssuerUnavailable => (StatusCode::SERVICE_UNAVAILABLE, 2_000),
        };
        Self::new(status, error.code(), retry_after_ms)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCharacter {
    name: String,
    archetype: String,
}

pub(super) async fn create(
    State(port): State<PlayerPort>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Result<Response, ApiError> {
    let (head, body) = request.into_parts();
    refuse_without_world(&port)?;
    let claims = authenticate(&port, &peer, &head.headers).await?;
    let new: NewCharacter = serde_json::from_slice(&read(body).await?)
        .map_err(|_| ApiError::new(StatusCode::BAD_REQUEST, Code::MALFORMED, 0))?;
    if !is_name(&new.name) {
        return Err(CharacterError::NameInvalid.into());
    }
    let ownership = admit(&port).await?;
    let created = port.characters.create(claims.account(), &new.name, &new.archetype).await?;
    may_tell(&ownership)?;
    let body = character(created.id, &new.name, &new.archetype);
    Ok(super::json(StatusCode::CREATED, &body).into_response())
}

pub(super) async fn list(
    State(port): State<PlayerPort>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    refuse_without_world(&port)?;
    let claims = authenticate(&port, &peer, &headers).await?;
    let ownership = admit(&port).await?;
    let characters = port.characters.list(claims.account()).await?;
    may_tell(&ownership)?;
    let listed: Vec<Value> =
        characters.iter().map(|one| character(one.id, &one.name, &one.archetype)).collect();
    Ok(super::json(StatusCode::OK, &json!({ "characters": listed })))
}

/// An id travels as text: JavaScript would round it.
fn character(id: EntityId, name: &str, archetype: &str) -> Value {
    json!({ "id": id.to_string(), "name": name, "archetype": archetype })
}

/// A server that has no world says so before it looks at who asks.
fn refuse_without_world(port: &PlayerPort) -> Result<(), ApiError> {
    port.sockets.entrance.refusal().map_or(Ok(()), |code| Err(without_world(code)))
}

/// The ownership under which the world is asked.
async fn admit(port: &PlayerPort) -> Result<Ownership, ApiError> {
    port.sockets.entrance.admit().await.map_err(without_world)
}

fn without_world(code: Code) -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, code, 1_000)
}

/// Right before an answer: whether this process may still speak for the world. What it has done is done, and asking for
/// it again finds it so.
fn may_tell(ownership: &Ownership) -> Result<(), ApiError> {
    if ownership.trust.holds(clock::now()) { Ok(()) } else { Err(CharacterError::Unavailable.into()) }
}

/// Who asks. Until that is known, the caller counts as a stranger like one at the socket.
async fn authenticate(port: &PlayerPort, peer: &Peer, headers: &HeaderMap) -> Result<Claims, ApiError> {
    let _stranger = port
        .sockets
        .admission
        .admit(peer.address.ip(), clock::now())
        .ok_or_else(|| ApiError::new(StatusCode::TOO_MANY_REQUESTS, Code::TOO_MANY_CONNECTIONS, 1_000))?;
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| AccessToken::new(token.to_owned()))
        .ok_or(AuthError::Invalid)?;
    Ok(port.sockets.auth.verify(&token, clock::now(), clock::unix_seconds()).await?)
}

async fn read(body: Body) -> Result<axum::body::Bytes, ApiError> {
    let whole = axum::body::to_bytes(body, REQUEST_BYTES_MAX);
    match tokio::time::timeout(REQUEST_TIME, whole).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, Code::OVERSIZED, 0)),
        Err(_) => Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, Code::REQUEST_TIMEOUT, 0)),
    }
}

/// A capital and 2 to 15 small letters, of the 26.
fn is_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    (3..=16).contains(&bytes.len())
        && bytes[0].is_ascii_uppercase()
        && bytes[1..].iter().all(u8::is_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_a_capital_and_small_letters() {
        assert!(["Ada", "Berta", "Abcdefghijklmnop"].iter().all(|name| is_name(name)));
        for bad in ["", "Al", "ada", "ADA", "Ada1", "Ad a", "Ädä", "Abcdefghijklmnopq", "Ada\n"] {
            assert!(!is_name(bad), "{bad:?}");
        }
    }
}
