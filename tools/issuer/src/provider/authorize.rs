//! Somebody comes from the client to sign in, says who they are where that is needed, and goes back with a code.

use rand::CryptoRng;

use super::request::{Prompt, Refusal, Request, address_with};
use super::{Code, Provider, Session};
use crate::params::Params;
use crate::people::Person;
use crate::token::{Grant, name, secret};

/// What comes of a request to sign in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Where it wants to send people cannot be trusted: they are told here.
    Untrusted(&'static str),
    /// Back to the client, with a code or an error.
    Redirect(String),
    /// Somebody has to say who they are.
    Ask {
        /// Who the client thinks it is.
        hint: Option<String>,
        /// Where the answer will lead.
        redirect_uri: String,
    },
}

/// Somebody is signed in.
#[derive(Debug)]
pub(crate) struct SignedIn {
    /// The secret for the cookie.
    pub(crate) cookie: String,
    /// Back to the client, with a code.
    pub(crate) redirect: String,
}

impl Provider {
    /// Somebody comes from the client, perhaps with the cookie of a session.
    pub(crate) fn authorize(
        &mut self,
        params: &Params,
        cookie: Option<&str>,
        now_s: u64,
        rng: &mut impl CryptoRng,
    ) -> Outcome {
        let request = match Request::read(params, &self.client) {
            Ok(request) => request,
            Err(refusal) => return self.refuse(refusal),
        };
        let session = cookie.and_then(|cookie| self.sessions.get(cookie, now_s));
        let fitting = session.filter(|session| request.is_met_by(session, now_s)).cloned();
        match (request.prompt, fitting) {
            (Prompt::None | Prompt::Unstated, Some(session)) => {
                Outcome::Redirect(self.grant_code(request, &session, now_s, rng))
            }
            (Prompt::None, None) => {
                let refusal = request.refusal("login_required", "nobody is signed in who would fit");
                self.refuse(refusal)
            }
            (Prompt::Login | Prompt::Unstated, _) => {
                Outcome::Ask { hint: request.login_hint, redirect_uri: request.redirect_uri }
            }
        }
    }

    /// Somebody has said who they are. The request is read once more, as if it had just come: nothing of it was kept.
    /// The session that `old_cookie` names ends; what was granted in it stays.
    ///
    /// # Errors
    /// Where the request will not do, as [`Self::authorize`] says it.
    pub(crate) fn sign_in(
        &mut self,
        params: &Params,
        person: Person,
        old_cookie: Option<&str>,
        now_s: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<SignedIn, Outcome> {
        let request = Request::read(params, &self.client).map_err(|refusal| self.refuse(refusal))?;
        if let Some(old) = old_cookie {
            self.sessions.take(old, now_s);
        }
        let session = Session { id: name(rng), person, auth_time_s: now_s };
        let cookie = secret(rng);
        self.sessions.put(cookie.clone(), session.clone(), now_s);
        Ok(SignedIn { redirect: self.grant_code(request, &session, now_s, rng), cookie })
    }

    fn grant_code(
        &mut self,
        request: Request,
        session: &Session,
        now_s: u64,
        rng: &mut impl CryptoRng,
    ) -> String {
        let code = secret(rng);
        let state = request.state.as_deref();
        let address = address_with(
            &request.redirect_uri,
            &[("code", Some(&code)), ("state", state), ("iss", Some(&self.issuer))],
        );
        let grant = Grant {
            person: session.person.clone(),
            client_id: self.client.id.clone(),
            scope: request.scope,
            session_id: session.id.clone(),
            auth_time_s: session.auth_time_s,
        };
        let waiting = Code {
            grant,
            redirect_uri: request.redirect_uri,
            challenge: request.challenge,
            nonce: request.nonce,
            used_for: None,
        };
        self.codes.put(code, waiting, now_s);
        address
    }

    fn refuse(&self, refusal: Refusal) -> Outcome {
        match refusal {
            Refusal::Untrusted(why) => Outcome::Untrusted(why),
            Refusal::Told { redirect_uri, state, error, why } => Outcome::Redirect(address_with(
                &redirect_uri,
                &[
                    ("error", Some(error)),
                    ("error_description", Some(why)),
                    ("state", state.as_deref()),
                    ("iss", Some(&self.issuer)),
                ],
            )),
        }
    }
}
