//! Tokens that vouch for nobody, and characters that are somebody else's.

use holdfast_devstack::Issuer;
use holdfast_protocol::{ClientMessage, Code, EntityId, Hello};
use holdfast_tests::Dump;

use crate::{assert_unchanged, last_words, start};

/// Every kind of token that must be refused, for a subject that exists, with the code that refuses it. `foreign` is an
/// issuer that the server does not know.
pub(crate) fn bad_tokens(
    issuer: &Issuer,
    foreign: &Issuer,
    subject: &str,
) -> Vec<(&'static str, String, Code)> {
    let good = || issuer.token_builder(subject);
    let tokens = [
        ("forged", good().forged().unwrap(), Code::TOKEN_INVALID),
        ("by an unknown key", good().unknown_key().unwrap(), Code::TOKEN_INVALID),
        ("by the public key as a secret", good().hs256_with_public_key(), Code::TOKEN_INVALID),
        ("not signed", good().alg_none(), Code::TOKEN_INVALID),
        ("changed by one bit", good().broken_signature(), Code::TOKEN_INVALID),
        ("by a foreign issuer", foreign.token_builder(subject), Code::TOKEN_INVALID),
        ("in a foreign issuer's name", good().issuer(foreign.url()), Code::TOKEN_INVALID),
        (
            "by a foreign issuer in ours's name",
            foreign.token_builder(subject).issuer(issuer.url()),
            Code::TOKEN_INVALID,
        ),
        ("for another audience", good().audience("bank"), Code::TOKEN_INVALID),
        ("for nobody", good().without_claim("aud"), Code::TOKEN_INVALID),
        ("of nobody", good().without_claim("sub"), Code::TOKEN_INVALID),
        ("for ever", good().without_claim("exp"), Code::TOKEN_INVALID),
        ("of another type", good().header("typ", "JWT"), Code::TOKEN_INVALID),
        ("expired", good().expires_in_s(-120), Code::TOKEN_EXPIRED),
        ("with another scope", good().scope("read"), Code::SCOPE_MISSING),
        ("without a scope", good().without_claim("scope"), Code::SCOPE_MISSING),
    ];
    let mut all: Vec<_> = tokens.into_iter().map(|(what, token, code)| (what, token.build(), code)).collect();
    all.push(("no token", String::new(), Code::TOKEN_INVALID));
    all.push(("not a token", "a.b.c".to_owned(), Code::TOKEN_INVALID));
    all
}

#[tokio::test]
async fn bad_tokens_open_no_session() {
    let (world, door, mut database) = start("village").await;
    let foreign = Issuer::start().await.unwrap();
    let ada = door.newcomer(&world.issuer, "Ada", "villager").await.unwrap();
    let before = Dump::read_settled(&mut database).await.unwrap();
    for (what, token, code) in bad_tokens(&world.issuer, &foreign, "Ada") {
        let mut connection = door.knock().await.unwrap();
        let hello = Hello { access_token: token, ..door.hello(&ada) };
        connection.send(&ClientMessage::Hello(hello)).await.unwrap();
        assert_eq!(last_words(&mut connection, what).await.code, code, "{what}");
    }
    assert_unchanged(&before, &mut database).await;
    door.enter(&ada).await.unwrap();
}

#[tokio::test]
async fn somebody_elses_character_is_as_if_it_were_not_there() {
    let (world, door, mut database) = start("village").await;
    let ada = door.newcomer(&world.issuer, "Ada", "villager").await.unwrap();
    let bob = door.newcomer(&world.issuer, "Bob", "villager").await.unwrap();
    let away = door.newcomer(&world.issuer, "Cleo", "villager").await.unwrap();
    let (_playing, _) = door.enter(&ada).await.unwrap();
    let before = Dump::read_settled(&mut database).await.unwrap();
    let berry: i64 =
        sqlx::query_scalar("SELECT min(entity) FROM holdfast.items").fetch_one(&mut database).await.unwrap();

    let mut answers = Vec::new();
    for (what, character) in [
        ("a character that nobody has", EntityId(999_999)),
        ("one that is played", ada.character),
        ("one that is away", away.character),
        ("a berry", EntityId(berry.cast_unsigned())),
        ("zero", EntityId(0)),
        ("the largest number", EntityId(u64::MAX)),
    ] {
        let mut connection = door.knock().await.unwrap();
        let hello = Hello { character, ..door.hello(&bob) };
        connection.send(&ClientMessage::Hello(hello)).await.unwrap();
        let mut error = last_words(&mut connection, what).await;
        assert_eq!(error.code, Code::NO_SUCH_CHARACTER, "{what}");
        error.correlation_id = 0;
        answers.push(error);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "nothing tells one from the other");
    assert_unchanged(&before, &mut database).await;
}
