//! The state machine that decides who is signed in, who gets a code, and who gets tokens for it.
//!
//! Every step takes the time and a source of randomness; nothing here waits. All state is in memory and ends with
//! the process: sessions, codes and refresh tokens each on a shelf that gives up its oldest thing when it is full.

mod authorize;
mod exchange;
mod log_out;
mod request;

use std::sync::Arc;

use rand::CryptoRng;

use crate::config::{Client, IssuerConfig};
use crate::key::{KeyError, KeyRing, SigningKey};
use crate::people::{Person, Role};
use crate::shelf::Shelf;
use crate::token::{Grant, Life, access_claims};

pub(crate) use authorize::Outcome;
pub(crate) use exchange::{Denial, Tokens};
pub(crate) use log_out::LogOut;

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

#[cfg(test)]
mod tests;
