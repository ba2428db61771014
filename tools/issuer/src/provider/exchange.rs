//! Tokens for a code, and new tokens for a refresh token (RFC 6749 4.1.3 and 6, RFC 7636 4.6, RFC 9700 4.14).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::CryptoRng;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{Family, Provider};
use crate::params::Params;
use crate::token::{Grant, Life, access_claims, id_claims, name, secret};

/// What a client gets.
#[derive(Debug, Serialize)]
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    token_type: &'static str,
    /// In seconds.
    expires_in: u64,
    scope: String,
    pub(crate) refresh_token: String,
    /// Only where the scope `openid` was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

/// Why a client gets nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denial {
    /// Something is missing or malformed.
    Request(&'static str),
    /// It is not our client, or it tries to prove that it is, which a public client cannot.
    Client,
    /// Code, verifier or refresh token are not good.
    Grant(&'static str),
    /// There is no such way to tokens.
    GrantType,
    /// It asks for more than was granted.
    Scope,
}

impl Denial {
    /// The error's name in RFC 6749 5.2, and what is wrong.
    pub(crate) fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Request(why) => ("invalid_request", why),
            Self::Client => ("invalid_client", "the client is unknown, or not without a secret"),
            Self::Grant(why) => ("invalid_grant", why),
            Self::GrantType => ("unsupported_grant_type", "it is authorization_code or refresh_token"),
            Self::Scope => ("invalid_scope", "more is asked for than was granted"),
        }
    }
}

impl Provider {
    /// A client asks for tokens.
    ///
    /// # Errors
    /// Where it gets none.
    pub(crate) fn exchange(
        &mut self,
        params: &Params,
        now_s: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<Tokens, Denial> {
        let client_id = params.get("client_id").ok_or(Denial::Request("client_id is missing"))?;
        if client_id != self.client.id || params.get("client_secret").is_some() {
            return Err(Denial::Client);
        }
        match params.get("grant_type") {
            Some("authorization_code") => self.exchange_code(params, now_s, rng),
            Some("refresh_token") => self.refresh(params, now_s, rng),
            Some(_) => Err(Denial::GrantType),
            None => Err(Denial::Request("grant_type is missing")),
        }
    }

    fn exchange_code(
        &mut self,
        params: &Params,
        now_s: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<Tokens, Denial> {
        let code = params.get("code").ok_or(Denial::Request("code is missing"))?;
        let verifier = params.get("code_verifier").ok_or(Denial::Request("code_verifier is missing"))?;
        let known = self.codes.get_mut(code, now_s).ok_or(Denial::Grant("the code is not known any more"))?;
        // Shown twice, it has been in two hands: what the first one got ends as well. A failed attempt uses it up
        // too, so that nobody tries verifiers until one fits.
        let family = name(rng);
        if let Some(first) = known.used_for.replace(family.clone()) {
            self.families.take(&first, now_s);
            return Err(Denial::Grant("the code was used before"));
        }
        if params.get("redirect_uri") != Some(&known.redirect_uri) {
            return Err(Denial::Grant("the code was for another redirect_uri"));
        }
        if known.grant.client_id != self.client.id || !fits(verifier, &known.challenge) {
            return Err(Denial::Grant("the verifier does not fit the code"));
        }
        let (grant, nonce) = (known.grant.clone(), known.nonce.clone());
        let scope = grant.scope.clone();
        Ok(self.issue(family, grant, &scope, nonce.as_deref(), now_s, rng))
    }

    fn refresh(&mut self, params: &Params, now_s: u64, rng: &mut impl CryptoRng) -> Result<Tokens, Denial> {
        const UNKNOWN: Denial = Denial::Grant("the refresh token is not good any more");
        let token = params.get("refresh_token").ok_or(Denial::Request("refresh_token is missing"))?;
        let (name, shown) = token.split_once('.').ok_or(UNKNOWN)?;
        // Taken away, and put back only as a newer one: whatever is shown twice ends the family.
        let family = self.families.take(name, now_s).ok_or(UNKNOWN)?;
        if family.newest != shown {
            return Err(Denial::Grant("the refresh token was used before: all that follow from it end"));
        }
        if family.grant.client_id != self.client.id {
            return Err(UNKNOWN);
        }
        let granted = family.grant.scope.clone();
        let scope = params.owned("scope").unwrap_or_else(|| granted.clone());
        if !scope.split(' ').all(|asked| granted.split(' ').any(|scope| scope == asked)) {
            // The client's mistake, not a thief: its token stays good.
            self.families.put(name.to_owned(), family, now_s);
            return Err(Denial::Scope);
        }
        Ok(self.issue(name.to_owned(), family.grant, &scope, None, now_s, rng))
    }

    /// New tokens; the family's older refresh tokens are good no more.
    fn issue(
        &mut self,
        family: String,
        grant: Grant,
        scope: &str,
        nonce: Option<&str>,
        now_s: u64,
        rng: &mut impl CryptoRng,
    ) -> Tokens {
        let life = Life { from_s: now_s, until_s: now_s.saturating_add(self.access_life_s) };
        let claims = access_claims(&self.issuer, &self.audience, &grant, scope, life, rng);
        let key = self.keys.signing(life.until_s);
        let access_token = key.token("at+jwt", &claims);
        let id_token = scope
            .split(' ')
            .any(|scope| scope == "openid")
            .then(|| key.token("JWT", &id_claims(&self.issuer, &grant, nonce, &access_token, life)));
        let newest = secret(rng);
        let refresh_token = format!("{family}.{newest}");
        self.families.put(family, Family { grant, newest }, now_s);
        Tokens {
            access_token,
            token_type: "Bearer",
            expires_in: self.access_life_s,
            scope: scope.to_owned(),
            refresh_token,
            id_token,
        }
    }
}

fn fits(verifier: &str, challenge: &str) -> bool {
    let is_well_formed = (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    is_well_formed && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == challenge
}
