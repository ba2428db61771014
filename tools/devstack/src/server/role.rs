//! What a server says that it is, to whoever asks it over HTTP.

use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;

/// How long one question may take. A server that hangs takes the connection, and says nothing on it.
const QUESTION_TIMEOUT: Duration = Duration::from_secs(2);

/// What a server that answers is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It owns its world, which can be played.
    Owner,
    /// Another one owns it, and this one is about to follow.
    Standby,
    /// It owns its world and loads it anew.
    Reloading,
}

#[derive(Deserialize)]
struct Answer {
    status: String,
}

/// What the server at `url` is; none where it does not answer, or is on its way to either.
pub async fn role_at(url: &str) -> Option<Role> {
    let client = reqwest::Client::builder().timeout(QUESTION_TIMEOUT).no_proxy().build().ok()?;
    let answer = client.get(format!("{url}/api/health/ready")).send().await.ok()?;
    if answer.status().is_success() {
        return Some(Role::Owner);
    }
    let is_away = answer.status() == StatusCode::SERVICE_UNAVAILABLE;
    let said: Answer = serde_json::from_slice(&answer.bytes().await.ok()?).ok()?;
    match said.status.as_str() {
        "standby" if is_away => Some(Role::Standby),
        "reloading" if is_away => Some(Role::Reloading),
        _ => None,
    }
}
