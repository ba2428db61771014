//! The state machine that decides who is signed in, who gets a code, and who gets tokens for it.
//!
//! Every step takes the time and a source of randomness; nothing here waits. All state is in memory and ends with
//! the process: sessions, codes and refresh tokens each on a shelf that gives up its oldest thing when it is full.

mod exchange;
mod log_out;
mod request;

use std::sync::Arc;

use rand::CryptoRng;

use crate::config::{Client, IssuerConfig};
use crate::key::{KeyError, KeyRing, SigningKey};
use crate::params::Params;
use crate::people::{Person, Role};
use crate::shelf::Shelf;
use crate::token::{Grant, Life, access_claims, name, secret};

pub(crate) use exchange::{Denial, Tokens};
pub(crate) use log_out::LogOut;
use request::{Prompt, Refusal, Request, address_with};

/// How many people are signed in at once. Whoever signed in first is signed out for one more.
const SESSIONS_MAX: usize = 1_024;
/// How many codes are waiting, or remembered as used. The oldest is worth nothing any more when there is one more.
const CODES_MAX: usize = 1_024;
/// How many refresh tokens are good. The one that was used longest ago is good no more for one more.
const FAMILIES_MAX: usize = 4_096;
/// How long a code is good, in seconds.
const CODE_LIFE_S: u64 = 60;

/// Somebody who is signed in, under the secret in a cookie.
#[derive(Clone, Debug)]
struct Session {
    /// Its public name: tokens carry it.
    id: String,
    person: Person,
    auth_time_s: u64,
}

/// A code that was handed out.
#[derive(Debug)]
struct Code {
    grant: Grant,
    redirect_uri: String,
    challenge: String,
    nonce: Option<String>,
    /// Where somebody has tried to use it: the family of what was given for it.
    used_for: Option<String>,
}

/// Refresh tokens that follow from one sign-in. Only the newest is good; when another one of them is shown, two
/// people hold them, and none is good any more.
#[derive(Debug)]
struct Family {
    grant: Grant,
    newest: String,
}

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

/// The provider.
#[derive(Debug)]
pub(crate) struct Provider {
    issuer: String,
    audience: String,
    access_life_s: u64,
    client: Client,
    people: Vec<Person>,
    keys: KeyRing,
    sessions: Shelf<Session>,
    codes: Shelf<Code>,
    families: Shelf<Family>,
}

impl Provider {
    /// A provider whose name is `issuer`, with its first key.
    pub(crate) fn new(issuer: &str, config: &IssuerConfig, key: SigningKey) -> Self {
        Self {
            issuer: issuer.to_owned(),
            audience: config.audience.clone(),
            access_life_s: config.access_life_s,
            client: config.client.clone(),
            people: config.people.clone(),
            keys: KeyRing::new(key),
            sessions: Shelf::new(config.session_life_s, SESSIONS_MAX),
            codes: Shelf::new(CODE_LIFE_S, CODES_MAX),
            families: Shelf::new(config.refresh_life_s, FAMILIES_MAX),
        }
    }

    /// The client that people sign in to.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// From now on this is the client. What was granted to one of another name is good no more.
    pub(crate) fn set_client(&mut self, client: Client) {
        self.client = client;
    }

    /// Who can be chosen.
    pub(crate) fn people(&self) -> &[Person] {
        &self.people
    }

    /// Who has this subject, of those who can be chosen.
    pub(crate) fn chosen(&self, subject: &str) -> Option<Person> {
        self.people.iter().find(|person| person.subject == subject).cloned()
    }

    /// Who has this typed name; none where it will not do.
    pub(crate) fn named(&self, text: &str) -> Option<Person> {
        let person = Person::by_name(text)?;
        Some(self.chosen(&person.subject).unwrap_or(person))
    }

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

    /// An access token for `subject`, without any sign-in: with the roles of the person who has this subject, or a
    /// player's.
    pub(crate) fn mint(
        &mut self,
        subject: &str,
        life_s: u64,
        now_s: u64,
        rng: &mut impl CryptoRng,
    ) -> String {
        let person = self.chosen(subject).unwrap_or_else(|| Person {
            subject: subject.to_owned(),
            name: subject.to_owned(),
            roles: vec![Role::Player],
        });
        let grant = Grant {
            person,
            client_id: self.client.id.clone(),
            scope: "play".to_owned(),
            session_id: String::new(),
            auth_time_s: now_s,
        };
        let life = Life { from_s: now_s, until_s: now_s.saturating_add(life_s) };
        let claims = access_claims(&self.issuer, &self.audience, &grant, &grant.scope, life, rng);
        self.keys.signing(life.until_s).token("at+jwt", &claims)
    }

    /// The key that signs now. It stays published until `until_s`.
    pub(crate) fn signing_key(&mut self, until_s: u64) -> Arc<SigningKey> {
        Arc::clone(self.keys.signing(until_s))
    }

    /// From now on `key` signs.
    ///
    /// # Errors
    /// Where too many keys are still published.
    pub(crate) fn rotate(&mut self, key: SigningKey, now_s: u64) -> Result<(), KeyError> {
        self.keys.rotate(key, now_s)
    }

    /// The published keys.
    pub(crate) fn published(&self, now_s: u64) -> impl Iterator<Item = &SigningKey> {
        self.keys.published(now_s)
    }
}

/// Somebody is signed in.
#[derive(Debug)]
pub(crate) struct SignedIn {
    /// The secret for the cookie.
    pub(crate) cookie: String,
    /// Back to the client, with a code.
    pub(crate) redirect: String,
}

#[cfg(test)]
mod tests;
