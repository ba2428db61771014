//! What a provider says of itself that a page needs in order to sign somebody in, out of its discovery document: handed
//! on to the page, so that it need not ask once more before anybody can begin to play.
//!
//! A document is a stranger's: only what is known here is taken over, as far as it has the form that it should have.

use serde_json::{Map, Value};

const ADDRESSES: [&str; 5] =
    ["issuer", "authorization_endpoint", "token_endpoint", "end_session_endpoint", "jwks_uri"];
const FLAGS: [&str; 1] = ["authorization_response_iss_parameter_supported"];
const LISTS: [&str; 3] = [
    "id_token_signing_alg_values_supported",
    "code_challenge_methods_supported",
    "token_endpoint_auth_methods_supported",
];

/// The longest address, in bytes.
const ADDRESS_BYTES_MAX: usize = 2_048;
/// How many names a list may have, and how long each may be, in bytes.
const NAMES_MAX: usize = 32;
const NAME_BYTES_MAX: usize = 64;

/// What the page needs of this discovery document; none where one could not sign in with it.
pub(super) fn of(discovery: &Value) -> Option<Value> {
    let mut known = Map::new();
    let mut take = |names: &[&str], is_good: fn(&Value) -> bool| {
        for name in names {
            if let Some(value) = discovery.get(name).filter(|value| is_good(value)) {
                known.insert((*name).to_owned(), value.clone());
            }
        }
    };
    take(&ADDRESSES, |value| value.as_str().is_some_and(|text| text.len() <= ADDRESS_BYTES_MAX));
    take(&FLAGS, Value::is_boolean);
    take(&LISTS, |value| {
        let is_name = |name: &Value| name.as_str().is_some_and(|text| text.len() <= NAME_BYTES_MAX);
        value.as_array().is_some_and(|names| names.len() <= NAMES_MAX && names.iter().all(is_name))
    });
    let is_enough =
        ["issuer", "authorization_endpoint", "token_endpoint"].iter().all(|name| known.contains_key(*name));
    is_enough.then_some(Value::Object(known))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_a_page_needs_is_handed_on_and_only_in_its_form() {
        let known = of(&json!({
            "issuer": "https://id.example.org",
            "authorization_endpoint": "https://id.example.org/authorize",
            "token_endpoint": "https://id.example.org/token",
            "end_session_endpoint": 7,
            "jwks_uri": "x".repeat(ADDRESS_BYTES_MAX + 1),
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256", 256],
            "authorization_response_iss_parameter_supported": true,
            "registration_endpoint": "https://id.example.org/register",
        }));
        let expected = json!({
            "issuer": "https://id.example.org",
            "authorization_endpoint": "https://id.example.org/authorize",
            "token_endpoint": "https://id.example.org/token",
            "id_token_signing_alg_values_supported": ["ES256"],
            "authorization_response_iss_parameter_supported": true,
        });
        assert_eq!(known, Some(expected));
    }

    #[test]
    fn what_one_cannot_sign_in_with_is_not_handed_on() {
        assert_eq!(
            of(&json!({ "issuer": "https://id.example.org", "jwks_uri": "https://id.example.org/k" })),
            None
        );
        assert_eq!(of(&json!([])), None);
    }
}
