//! Somebody signs in, as a browser and the page in it do together: over HTTP alone, at the development issuer.

use anyhow::{Context as _, Result, ensure};
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::Value;

/// The example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// What the page at `back` has after `subject` has signed in at `issuer` and was sent back there: `access_token` and what
/// else the token endpoint says. The client is `holdfast-web`.
///
/// # Errors
/// Where the issuer does not let anybody in, or sends nobody back to that address.
pub async fn sign_in(issuer: &str, back: &str, subject: &str) -> Result<Value> {
    let http = Client::builder().redirect(Policy::none()).no_proxy().build()?;
    sign_in_over(&http, issuer, back, subject).await
}

/// The same with a client of one's own, which may trust an authority that others do not. It must follow no redirects.
///
/// # Errors
/// As [`sign_in`].
pub async fn sign_in_over(http: &Client, issuer: &str, back: &str, subject: &str) -> Result<Value> {
    let back = encode(back);
    let request = format!(
        "client_id=holdfast-web&redirect_uri={back}&response_type=code&scope=openid+play&state=s\
         &code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    let page = http.get(format!("{issuer}/authorize?{request}")).send().await?.text().await?;
    ensure!(page.contains("Who plays?"), "the issuer shows something else: {page}");
    let form = format!("subject={subject}&request={}", encode(&request));
    let answer = post(http, &format!("{issuer}/sign-in"), form).await?;
    let address = answer.headers().get(LOCATION).context("the issuer sends nobody anywhere")?.to_str()?;
    let code = address.split(['?', '&']).find_map(|pair| pair.strip_prefix("code="));
    let redemption = format!(
        "grant_type=authorization_code&client_id=holdfast-web&redirect_uri={back}&code={}\
         &code_verifier={VERIFIER}",
        code.context("the issuer sends nobody back with a code")?
    );
    Ok(post(http, &format!("{issuer}/token"), redemption).await?.json().await?)
}

async fn post(http: &Client, address: &str, form: String) -> Result<Response> {
    let asked = http.post(address).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
    Ok(asked.send().await?)
}

/// As it stands in a form.
fn encode(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}
