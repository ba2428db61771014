//! The resume token: what brings a session back after its connection is lost.
//!
//! It is opaque to the client and bound to account, character, attachment, ownership and build by an HMAC. It never
//! authenticates by itself: it is shown beside a verified access token, whose account must be the one that it was made
//! for. Whether the session can still be resumed is not in it; the front remembers when the connection was lost, and
//! the world which attachment is the latest.

use hmac::{Hmac, KeyInit, Mac};
use holdfast_protocol::{Blob, BuildId, EntityId, Epoch, SessionEpoch};
use sha2::Sha256;

use crate::changes::Account;

const VERSION: u8 = 1;
const ACCOUNT_BYTES: usize = 16;
const MAC_BYTES: usize = 32;
const BODY_BYTES: usize = 1 + 8 + ACCOUNT_BYTES + 8 + 8 + 16;

/// What a token says, once its HMAC has been found good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ResumeClaims {
    /// The attachment that is to be resumed.
    pub(crate) session_epoch: SessionEpoch,
    /// The ownership under which the token was issued.
    pub(crate) epoch: Epoch,
}

/// Makes and checks resume tokens.
pub(crate) struct ResumeKey {
    key: [u8; 32],
    build: BuildId,
}

impl ResumeKey {
    pub(crate) fn new(key: [u8; 32], build: BuildId) -> Self {
        Self { key, build }
    }

    /// The token of an attachment.
    pub(crate) fn issue(&self, account: &Account, character: EntityId, claims: ResumeClaims) -> Blob {
        let mut bytes = Vec::with_capacity(BODY_BYTES + MAC_BYTES);
        bytes.push(VERSION);
        bytes.extend_from_slice(&character.0.to_le_bytes());
        bytes.extend_from_slice(&self.account_hash(account));
        bytes.extend_from_slice(&claims.session_epoch.0.to_le_bytes());
        bytes.extend_from_slice(&claims.epoch.0.to_le_bytes());
        bytes.extend_from_slice(&self.build.0);
        let mut mac = self.mac(b"token");
        mac.update(&bytes);
        bytes.extend_from_slice(&mac.finalize().into_bytes());
        Blob(bytes)
    }

    /// What the token says, where it is ours and was made for this account, this character and this build.
    pub(crate) fn verify(
        &self,
        token: &Blob,
        account: &Account,
        character: EntityId,
    ) -> Option<ResumeClaims> {
        let (body, tag) = token.0.split_at_checked(BODY_BYTES)?;
        let mut mac = self.mac(b"token");
        mac.update(body);
        // Compares in constant time, and the length as well.
        mac.verify_slice(tag).ok()?;
        let (version, rest) = body.split_first()?;
        let (for_character, rest) = rest.split_first_chunk::<8>()?;
        let (for_account, rest) = rest.split_first_chunk::<ACCOUNT_BYTES>()?;
        let (session_epoch, rest) = rest.split_first_chunk::<8>()?;
        let (epoch, build) = rest.split_first_chunk::<8>()?;
        let ours = *version == VERSION
            && u64::from_le_bytes(*for_character) == character.0
            && *for_account == self.account_hash(account)
            && *build == self.build.0;
        ours.then_some(ResumeClaims {
            session_epoch: SessionEpoch(u64::from_le_bytes(*session_epoch)),
            epoch: Epoch(u64::from_le_bytes(*epoch)),
        })
    }

    /// Keyed, so that a stolen token does not tell whose it is.
    fn account_hash(&self, account: &Account) -> [u8; ACCOUNT_BYTES] {
        let mut mac = self.mac(b"account");
        for text in [&account.issuer, &account.subject] {
            mac.update(&(text.len() as u64).to_le_bytes());
            mac.update(text.as_bytes());
        }
        let hash: [u8; MAC_BYTES] = mac.finalize().into_bytes().into();
        let mut short = [0; ACCOUNT_BYTES];
        short.copy_from_slice(&hash[..ACCOUNT_BYTES]);
        short
    }

    /// The purpose goes first, so that no text of one purpose is a text of another.
    fn mac(&self, purpose: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(purpose);
        mac.update(&[0]);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLAIMS: ResumeClaims = ResumeClaims { session_epoch: SessionEpoch(3), epoch: Epoch(7) };

    fn account(subject: &str) -> Account {
        Account { issuer: "https://issuer".into(), subject: subject.into() }
    }

    fn key() -> ResumeKey {
        ResumeKey::new([1; 32], BuildId([2; 16]))
    }

    #[test]
    fn a_token_comes_back_as_it_was_issued() {
        let token = key().issue(&account("ann"), EntityId(1), CLAIMS);
        assert_eq!(key().verify(&token, &account("ann"), EntityId(1)), Some(CLAIMS));
    }

    #[test]
    fn a_token_of_somebody_or_something_else_is_worth_nothing() {
        let token = key().issue(&account("ann"), EntityId(1), CLAIMS);
        assert_eq!(key().verify(&token, &account("ben"), EntityId(1)), None);
        assert_eq!(key().verify(&token, &account("ann"), EntityId(3)), None);
        let other_key = ResumeKey::new([9; 32], BuildId([2; 16]));
        assert_eq!(other_key.verify(&token, &account("ann"), EntityId(1)), None);
        let other_build = ResumeKey::new([1; 32], BuildId([9; 16]));
        assert_eq!(other_build.verify(&token, &account("ann"), EntityId(1)), None);
    }

    #[test]
    fn no_bit_and_no_byte_of_a_token_can_be_changed() {
        let token = key().issue(&account("ann"), EntityId(1), CLAIMS);
        for index in 0..token.0.len() {
            let mut forged = token.clone();
            forged.0[index] ^= 1;
            assert_eq!(key().verify(&forged, &account("ann"), EntityId(1)), None, "byte {index}");
            let cut = Blob(token.0[..index].to_vec());
            assert_eq!(key().verify(&cut, &account("ann"), EntityId(1)), None, "cut at {index}");
        }
        let mut longer = token;
        longer.0.push(0);
        assert_eq!(key().verify(&longer, &account("ann"), EntityId(1)), None);
    }
}
