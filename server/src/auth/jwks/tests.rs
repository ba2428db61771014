use super::*;

fn key(kid: &str) -> VerifyKey {
    VerifyKey {
        kid: Some(kid.to_owned()),
        algorithm: Algorithm::EdDSA,
        decoding: DecodingKey::from_ed_der(&[0; 32]),
    }
}

fn at(seconds: u64) -> Moment {
    Moment(Duration::from_secs(1_000_000 + seconds))
}

fn cache() -> KeyCache {
    let mut cache = KeyCache::default();
    assert!(cache.begin_fetch(Some("a"), at(0)));
    cache.store(vec![key("a")], at(0));
    cache
}

#[test]
fn fresh_keys_are_used_without_asking() {
    let mut cache = cache();
    assert!(matches!(cache.known(Some("a"), at(599)), Known::Fresh(_)));
    assert!(!cache.begin_fetch(Some("a"), at(599)));
}

#[test]
fn old_keys_are_used_while_asking_again_and_for_a_day() {
    let mut cache = cache();
    assert!(matches!(cache.known(Some("a"), at(600)), Known::Stale(_)));
    assert!(cache.begin_fetch(Some("a"), at(600)));
    assert!(!cache.begin_fetch(Some("a"), at(609)), "the next attempt waits");
    assert!(cache.begin_fetch(Some("a"), at(610)));
    assert!(cache.answer(Some("a"), at(86_399)).is_ok());
    assert_eq!(cache.answer(Some("a"), at(86_400)).unwrap_err(), KeyError::Unavailable);
}

#[test]
fn made_up_key_names_cost_the_issuer_one_request_in_ten_seconds() {
    let mut cache = cache();
    assert!(cache.begin_fetch(Some("x"), at(1)), "it may be a new key");
    assert!((1..11).all(|second| !cache.begin_fetch(Some("y"), at(second))));
    assert_eq!(cache.answer(Some("y"), at(5)).unwrap_err(), KeyError::Unknown);
    assert!(cache.answer(Some("a"), at(5)).is_ok(), "good keys stay");
    assert!(cache.begin_fetch(Some("y"), at(11)));
}

#[test]
fn without_keys_it_is_tried_every_second() {
    let mut cache = KeyCache::default();
    assert!(cache.begin_fetch(None, at(0)));
    assert_eq!(cache.answer(None, at(0)).unwrap_err(), KeyError::Unavailable);
    assert!(!cache.begin_fetch(None, at(0)));
    assert!(cache.begin_fetch(None, at(1)));
}

#[test]
fn a_token_without_a_key_name_is_good_only_where_there_is_one_key() {
    let mut cache = cache();
    assert!(cache.answer(None, at(1)).is_ok());
    cache.store(vec![key("a"), key("b")], at(1));
    assert_eq!(cache.answer(None, at(1)).unwrap_err(), KeyError::Unknown);
}

#[test]
fn a_key_that_is_no_longer_published_is_no_longer_believed() {
    let mut cache = cache();
    cache.store(vec![key("b")], at(1));
    assert_eq!(cache.answer(Some("a"), at(1)).unwrap_err(), KeyError::Unknown);
}

#[test]
fn keys_that_are_unfit_are_left_out() {
    let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let (long, short, weak) = (encoded(&[0xff; 256]), encoded(&[0xff; 255]), encoded(&[0x7f; 256]));
    let point = encoded(&[1; 32]);
    let rsa = |n: &str, e: &str, more: &str| format!(r#"{{"kty":"RSA","n":"{n}","e":"{e}"{more}}}"#);
    let okp = |more: &str| format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{point}"{more}}}"#);
    let fit = |key: &str| read_keys(format!(r#"{{"keys":[{key}]}}"#).as_bytes()).unwrap().len() == 1;

    assert!(fit(&rsa(&long, "AQAB", "")) && fit(&okp("")));
    assert!(fit(&okp(r#","use":"sig","key_ops":["verify"],"alg":"EdDSA""#)));
    for unfit in [
        rsa(&short, "AQAB", ""),
        rsa(&weak, "AQAB", ""),
        rsa(&long, "Aw", ""),
        rsa(&long, "AQ", ""),
        rsa(&long, "AQAB", r#","alg":"PS256""#),
        rsa(&long, "AQAB", r#","use":"enc""#),
        okp(r#","alg":"ES256""#),
        okp(r#","key_ops":["sign"]"#),
        format!(r#"{{"kty":"oct","k":"{point}"}}"#),
        format!(r#"{{"kty":"OKP","crv":"X25519","x":"{point}"}}"#),
        format!(r#"{{"kty":"EC","crv":"P-384","x":"{point}","y":"{point}"}}"#),
        r#"{"kty":7}"#.to_owned(),
        "[]".to_owned(),
    ] {
        assert!(!fit(&unfit), "{unfit}");
    }
}

#[test]
fn one_strange_key_does_not_spoil_the_others_and_names_are_unique() {
    let point = URL_SAFE_NO_PAD.encode([1; 32]);
    let good = format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"a","x":"{point}"}}"#);
    let keys = read_keys(format!(r#"{{"keys":[7,{good},{good}]}}"#).as_bytes()).unwrap();
    assert_eq!(keys.len(), 1);
    assert!(read_keys(b"<html>").is_err());
}
