//! What is shown cannot become a script, and can be used by everybody.

use super::*;

async fn text(response: Response) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn page<'a>(typed: &'a str, request: &'a str, people: &'a [Person], refused: bool) -> Response {
    let page = SignInPage { people, request, redirect_uri: "http://127.0.0.1:8080/", typed, refused };
    Pages::new("/id").sign_in(StatusCode::OK, &page)
}

#[tokio::test]
async fn what_comes_from_outside_stays_text() {
    let evil = "\"><script>alert('x')</script>&";
    let html = text(page(evil, evil, &[], true)).await;
    assert!(!html.contains("<script"), "{html}");
    assert_eq!(html.matches("&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;").count(), 3);
    assert!(!text(Pages::new("").confirm_log_out(evil, None)).await.contains("<script"));
    assert!(!text(Pages::new("").message(StatusCode::OK, evil, evil)).await.contains("<script"));
}

#[tokio::test]
async fn policy_allows_the_style_and_the_way_back_and_nothing_else() {
    let response = page("", "", &[], false);
    let policy = response.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    let html = text(response).await;
    let style = html.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let hash = STANDARD.encode(Sha256::digest(style));
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self' http://127.0.0.1:8080; \
             base-uri 'none'; frame-ancestors 'none'"
        )
    );
    assert!(!html.contains(" style=") && !html.contains("<script"));
}

#[test]
fn every_way_back_can_be_said_in_a_policy() {
    let sources = ["https://game.example", "http://[::1]:8080", "null"].map(source_of);
    assert_eq!(sources, ["https://game.example", "http:", ""]);
}

#[tokio::test]
async fn whom_the_client_thinks_of_has_the_focus() {
    let people = crate::people::ready_made();
    let html = text(page("bob", "", &people, false)).await;
    assert!(html.contains("value=\"bob\" autofocus"), "{html}");
    assert_eq!(html.matches("autofocus").count(), 1);
    let html = text(page("Zoe", "", &people, false)).await;
    assert!(html.contains("name=\"name\" value=\"Zoe\"") && !html.contains("autofocus"), "{html}");
}

#[tokio::test]
async fn a_refused_name_is_said_where_it_was_typed() {
    let html = text(page("a  b", "", &[], true)).await;
    assert!(html.contains("role=\"alert\"") && html.contains("aria-describedby=\"error\""));
    assert!(html.contains("value=\"a  b\"") && html.contains("<label for=\"name\">"));
}
