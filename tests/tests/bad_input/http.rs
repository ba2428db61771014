//! Requests for characters that cannot be made.

use holdfast_devstack::Issuer;
use holdfast_protocol::error::ENGINE_CODES;
use holdfast_tests::Dump;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use crate::tokens::bad_tokens;
use crate::{assert_unchanged, start};

async fn post(url: &str, token: Option<&str>, body: String) -> Response {
    let request =
        Client::builder().no_proxy().build().unwrap().post(format!("{url}/api/characters")).body(body);
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    request.send().await.unwrap()
}

/// The code of a refusal whose body says all that the contract asks for, and no more.
async fn refusal(answer: Response, what: &str) -> (StatusCode, String) {
    let status = answer.status();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body.as_object().unwrap().len(), 1, "{what}: {body}");
    let error = &body["error"];
    let name = error["code"].as_str().unwrap_or_else(|| panic!("{what}: {body}"));
    let entry = ENGINE_CODES.iter().find(|entry| entry.name == name).unwrap();
    let mut contract = json!({
        "code": name, "category": entry.category, "retryable": entry.retryable, "message": entry.says,
    });
    contract["retry_after_ms"] = json!(error["retry_after_ms"].as_u64().unwrap());
    contract["correlation_id"] =
        json!(error["correlation_id"].as_str().unwrap().parse::<u64>().unwrap().to_string());
    assert_eq!(error, &contract, "{what}");
    (status, name.to_owned())
}

fn named(name: &str) -> String {
    json!({ "name": name, "archetype": "villager" }).to_string()
}

#[tokio::test]
async fn characters_that_cannot_be_made_are_refused_in_the_one_shape() {
    let (world, door, mut database) = start("village").await;
    door.newcomer(&world.issuer, "Ada", "villager").await.unwrap();
    door.newcomer(&world.issuer, "Bob", "villager").await.unwrap();
    let full = world.token("Many");
    for last in "abcdefghij".chars() {
        let answer = post(&world.server.url(), Some(&full), named(&format!("Many{last}"))).await;
        assert_eq!(answer.status(), 201);
    }
    let before = Dump::read_settled(&mut database).await.unwrap();

    let bob = world.token("Bob");
    let archetype = |archetype: Value| json!({ "name": "Cleo", "archetype": archetype }).to_string();
    let more = json!({ "name": "Cleo", "archetype": "villager", "role": "operator" }).to_string();
    let deep = format!("{}1{}", "[".repeat(2_000), "]".repeat(2_000));
    let cases = [
        ("no JSON", &bob, "name=Cleo".to_owned(), 400, "malformed"),
        ("nothing", &bob, String::new(), 400, "malformed"),
        ("a list in lists", &bob, deep, 400, "malformed"),
        ("a field too many", &bob, more, 400, "malformed"),
        ("a field too few", &bob, json!({ "name": "Cleo" }).to_string(), 400, "malformed"),
        ("a number for an archetype", &bob, archetype(json!(1)), 400, "malformed"),
        ("no such archetype", &bob, archetype(json!("king")), 422, "unknown_archetype"),
        ("a short name", &bob, named("Al"), 422, "name_invalid"),
        ("a long name", &bob, named("Abcdefghijklmnopq"), 422, "name_invalid"),
        ("another alphabet", &bob, named("Аda"), 422, "name_invalid"),
        ("a line break", &bob, named("Ada\n"), 422, "name_invalid"),
        ("SQL", &bob, named("Ada'; DROP TABLE worlds; --"), 422, "name_invalid"),
        ("a taken name in small letters", &bob, named("ada"), 422, "name_invalid"),
        ("a taken name in capitals", &bob, named("ADA"), 422, "name_invalid"),
        ("a taken name", &bob, named("Ada"), 409, "name_taken"),
        ("an eleventh character", &full, named("Manyk"), 409, "too_many_characters"),
        ("too large a body", &bob, " ".repeat(4 * 1024) + &named("Cleo"), 413, "oversized"),
    ];
    for (what, token, body, status, code) in cases {
        let answer = post(&world.server.url(), Some(token), body).await;
        assert_eq!(
            refusal(answer, what).await,
            (StatusCode::from_u16(status).unwrap(), code.to_owned()),
            "{what}"
        );
    }
    assert_unchanged(&before, &mut database).await;
}

#[tokio::test]
async fn nobody_makes_characters_with_a_bad_token() {
    let (world, door, mut database) = start("village").await;
    let foreign = Issuer::start().await.unwrap();
    door.newcomer(&world.issuer, "Ada", "villager").await.unwrap();
    let before = Dump::read_settled(&mut database).await.unwrap();
    for (what, token, code) in bad_tokens(&world.issuer, &foreign, "Ada") {
        let answer = post(&world.server.url(), Some(&token), named("Cleo")).await;
        let (status, name) = refusal(answer, what).await;
        assert_eq!(name, code.to_string(), "{what}");
        assert_eq!(status, if name == "scope_missing" { 403 } else { 401 }, "{what}");
    }
    let answer = post(&world.server.url(), None, named("Cleo")).await;
    assert_eq!(refusal(answer, "no header").await, (StatusCode::UNAUTHORIZED, "token_invalid".to_owned()));
    assert_unchanged(&before, &mut database).await;
}

/// The names that the rule lets through differ in more than their letters' case, so no request can show that the
/// table itself looks past it.
#[tokio::test]
async fn names_are_unique_without_regard_to_case_also_where_nobody_asked_the_rule() {
    let (world, door, mut database) = start("village").await;
    door.newcomer(&world.issuer, "Ada", "villager").await.unwrap();
    sqlx::query("ALTER TABLE holdfast.characters DROP CONSTRAINT characters_name_check")
        .execute(&mut database)
        .await
        .unwrap();
    let twin = sqlx::query(
        "INSERT INTO holdfast.characters (world, account, name, archetype)
         SELECT world, account, 'aDA', archetype FROM holdfast.characters",
    );
    let error = twin.execute(&mut database).await.unwrap_err();
    assert_eq!(error.as_database_error().unwrap().constraint(), Some("characters_name"));
}
