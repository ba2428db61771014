//! What a client asks for when it sends somebody to sign in (RFC 6749 4.1.1, RFC 7636, OpenID Connect Core 3.1.2.1).
//!
//! As long as client and redirect address are not known to be ours, nobody is sent anywhere; from then on, what is
//! wrong is told to the client.

use url::Url;

use super::Session;
use crate::config::Client;
use crate::params::Params;

/// The scopes that can be granted, in the order in which they are written.
pub(crate) const SCOPES: [&str; 3] = ["openid", "profile", "play"];

/// A request that is in order.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
    pub(super) nonce: Option<String>,
    /// What will be granted: what was asked for, as far as it exists; where nothing was, everything.
    pub(super) scope: String,
    pub(super) challenge: String,
    pub(super) prompt: Prompt,
    pub(super) max_age_s: Option<u64>,
    pub(super) login_hint: Option<String>,
}

/// Whether somebody is to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prompt {
    /// Where it is not known who it is.
    Unstated,
    /// In no case.
    None,
    /// In any case.
    Login,
}

/// Why a request is not in order.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Nobody knows where to say so.
    Untrusted(&'static str),
    /// The client is told.
    Told { redirect_uri: String, state: Option<String>, error: &'static str, why: &'static str },
}

impl Request {
    /// Reads a request to `client`.
    ///
    /// # Errors
    /// Where it is not in order.
    pub(super) fn read(params: &Params, client: &Client) -> Result<Self, Refusal> {
        if params.get("client_id") != Some(&client.id) {
            return Err(Refusal::Untrusted("The client is not known here."));
        }
        let redirect_uri = params
            .get("redirect_uri")
            .filter(|address| client.redirect_uris.iter().any(|known| known == address))
            .ok_or(Refusal::Untrusted("The address to return to is not one of the client's."))?;
        let state = params.owned("state");
        let told = |error, why| Refusal::Told {
            redirect_uri: redirect_uri.to_owned(),
            state: state.clone(),
            error,
            why,
        };

        if params.get("request").is_some() {
            return Err(told("request_not_supported", "requests come as plain parameters"));
        }
        if params.get("request_uri").is_some() {
            return Err(told("request_uri_not_supported", "requests come as plain parameters"));
        }
        match params.get("response_type") {
            Some("code") => {}
            Some(_) => return Err(told("unsupported_response_type", "the only response type is code")),
            None => return Err(told("invalid_request", "response_type is missing")),
        }
        if params.get("response_mode").is_some_and(|mode| mode != "query") {
            return Err(told("invalid_request", "the only response mode is query"));
        }
        let challenge = params
            .get("code_challenge")
            .ok_or_else(|| told("invalid_request", "code_challenge is missing: PKCE is required"))?;
        if params.get("code_challenge_method") != Some("S256") {
            return Err(told("invalid_request", "the only code_challenge_method is S256"));
        }
        if challenge.len() != 43 || !challenge.bytes().all(is_base64url) {
            return Err(told("invalid_request", "code_challenge is not a SHA-256 in base64url"));
        }
        let scope =
            granted(params.get("scope")).ok_or_else(|| told("invalid_scope", "no such scope exists"))?;
        let prompt = match params.get("prompt") {
            None => Prompt::Unstated,
            Some("none") => Prompt::None,
            Some("login") => Prompt::Login,
            Some(_) => return Err(told("invalid_request", "prompt is none or login")),
        };
        let max_age_s = match params.get("max_age").map(str::parse) {
            None => None,
            Some(Ok(seconds)) => Some(seconds),
            Some(Err(_)) => return Err(told("invalid_request", "max_age is a number of seconds")),
        };
        Ok(Self {
            redirect_uri: redirect_uri.to_owned(),
            nonce: params.owned("nonce"),
            scope,
            challenge: challenge.to_owned(),
            prompt,
            max_age_s,
            login_hint: params.owned("login_hint"),
            state,
        })
    }

    /// Whether whoever is signed in will do: as the person that the client thinks of, and recently enough.
    pub(super) fn is_met_by(&self, session: &Session, now_s: u64) -> bool {
        let is_meant =
            self.login_hint.as_ref().is_none_or(|hint| hint.trim().to_lowercase() == session.person.subject);
        let age_s = now_s.saturating_sub(session.auth_time_s);
        is_meant && self.max_age_s.is_none_or(|max_age_s| age_s <= max_age_s)
    }

    /// A refusal of this request, which is in order.
    pub(super) fn refusal(self, error: &'static str, why: &'static str) -> Refusal {
        Refusal::Told { redirect_uri: self.redirect_uri, state: self.state, error, why }
    }
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_".contains(&byte)
}

fn granted(asked: Option<&str>) -> Option<String> {
    let Some(asked) = asked else { return Some(SCOPES.join(" ")) };
    let known: Vec<&str> =
        SCOPES.into_iter().filter(|scope| asked.split(' ').any(|asked| asked == *scope)).collect();
    (!known.is_empty()).then(|| known.join(" "))
}

/// The client's address with those parameters added that have a value.
pub(super) fn address_with(address: &str, params: &[(&str, Option<&str>)]) -> String {
    let mut added = params.iter().filter_map(|(name, value)| Some((name, (*value)?))).peekable();
    if added.peek().is_none() {
        return address.to_owned();
    }
    let mut url = Url::parse(address).expect("a client's addresses were checked when it was made known");
    url.query_pairs_mut().extend_pairs(added);
    url.into()
}
