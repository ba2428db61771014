//! The sign-in, under the name that phones know.

use reqwest::StatusCode;
use serde_json::Value;

use super::*;

#[tokio::test]
async fn discovery_and_keys_stand_under_the_name_that_phones_know() {
    let setup = setup().await;
    let front = &setup.front;
    let issuer = front.start_sign_in().await.unwrap();
    assert_eq!(issuer.url(), front.issuer_url());
    let get = async |url: &str| {
        let answer = phone(front).get(url).send().await.unwrap().error_for_status().unwrap();
        answer.json::<Value>().await.unwrap()
    };
    let discovery = get(&format!("{}/.well-known/openid-configuration", front.issuer_url())).await;
    assert_eq!(discovery["issuer"], front.issuer_url());
    let keys = get(discovery["jwks_uri"].as_str().unwrap()).await;
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
    assert!(discovery["token_endpoint"].as_str().unwrap().starts_with(&front.origin()));
}

#[tokio::test]
async fn players_alone_can_be_chosen_and_are_sent_back_to_the_page() {
    let setup = setup().await;
    let front = &setup.front;
    let _issuer = front.start_sign_in().await.unwrap();
    let ask = async |redirect: &str| {
        let query = [
            ("client_id", "holdfast-web"),
            ("response_type", "code"),
            ("redirect_uri", redirect),
            ("scope", "openid play"),
            ("state", "s"),
            ("code_challenge_method", "S256"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ];
        let query = query.map(|(name, value)| format!("{name}={}", value.replace(' ', "+"))).join("&");
        let url = format!("{}/authorize?{query}", front.issuer_url());
        let answer = phone(front).get(url).header("accept", "text/html").send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    let (status, page) = ask(&front.url()).await;
    assert!(status == StatusCode::OK && page.contains("value=\"ada\""), "{page}");
    assert!(page.contains("action=\"/signin/sign-in\""), "{page}");
    for staff in ["Iris", "Otto"] {
        assert!(!page.contains(staff), "{staff}");
    }
    assert_eq!(ask("https://evil.example/").await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn paths_that_only_look_like_the_sign_ins_are_the_worlds() {
    let setup = setup().await;
    let front = &setup.front;
    let _issuer = front.start_sign_in().await.unwrap();
    let answer = phone(front).get(format!("{}/signing", front.origin())).send().await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["uri"], "/signing");
}
