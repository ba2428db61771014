//! Signing out, at the client's wish (OpenID Connect RP-Initiated Logout 1.0).
//!
//! An ID token of ours names the session that is to end, and proves that whoever asks is the client. Without one,
//! any page of the web could have sent the browser here, so the person is asked.

use std::collections::HashSet;

use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde::Deserialize;

use super::Provider;
use super::request::address_with;
use crate::params::Params;

/// What comes of a wish to sign out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LogOut {
    /// Where it wants to send people cannot be trusted. Nothing has changed.
    Untrusted(&'static str),
    /// The person has to confirm it. Nothing has changed.
    Ask,
    /// The session and all its refresh tokens are gone. Access tokens are good until they run out.
    Done {
        /// Where to go on; none where nobody said.
        redirect: Option<String>,
        /// Whether the cookie means nothing any more.
        ends_cookie: bool,
    },
}

#[derive(Deserialize)]
struct Hint {
    sid: String,
}

impl Provider {
    /// Somebody is to be signed out. `confirmed`: by a press of our own page's button.
    pub(crate) fn log_out(
        &mut self,
        params: &Params,
        cookie: Option<&str>,
        confirmed: bool,
        now_s: u64,
    ) -> LogOut {
        let address = params.get("post_logout_redirect_uri");
        let hint = params.get("id_token_hint").and_then(|token| self.read_hint(token, now_s));
        if let Some(address) = address {
            let is_client = hint.is_some() || params.get("client_id") == Some(&self.client.id);
            if !is_client || !self.client.post_logout_redirect_uris.iter().any(|known| known == address) {
                return LogOut::Untrusted("The address to go on to is not one of the client's.");
            }
        }
        let current =
            cookie.and_then(|cookie| self.sessions.get(cookie, now_s)).map(|session| session.id.clone());
        let ending = match hint {
            Some(hint) => Some(hint.sid),
            None if confirmed => current.clone(),
            None => return LogOut::Ask,
        };
        let ends_cookie = current.is_none() || current == ending;
        if let Some(id) = ending {
            self.sessions.keep(|session| session.id != id);
            self.codes.keep(|code| code.grant.session_id != id);
            self.families.keep(|family| family.grant.session_id != id);
        }
        let state = params.get("state");
        let redirect = address.map(|address| address_with(address, &[("state", state)]));
        LogOut::Done { redirect, ends_cookie }
    }

    /// An ID token of ours, even one that has run out; none where it is something else, or its key is gone.
    fn read_hint(&self, token: &str, now_s: u64) -> Option<Hint> {
        let kid = decode_header(token).ok()?.kid?;
        let key = self.keys.published(now_s).find(|key| key.id() == kid)?;
        let mut validation = Validation::new(Algorithm::ES256);
        validation.required_spec_claims = HashSet::from(["iss", "aud", "sub"].map(str::to_owned));
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.client.id]);
        validation.validate_exp = false;
        Some(decode(token, key.verifying(), &validation).ok()?.claims)
    }
}
