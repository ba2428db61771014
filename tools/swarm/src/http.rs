//! What bots ask of a world over HTTP before they connect: its build, and characters to play.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use holdfast_protocol::{BuildId, EntityId};
use reqwest::Client;
use serde::Deserialize;
use serde_json::json;
use tokio::time::sleep;

/// How often a request is made that is refused for now.
const TRIES_MAX: u32 = 30;

/// The least that is waited before it is made again, in milliseconds.
const RETRY_WAIT_MIN_MS: u32 = 100;

/// A world's HTTP side.
#[derive(Clone, Debug)]
pub struct Api {
    http: Client,
    url: String,
}

#[derive(Deserialize)]
struct Build {
    build: String,
}

#[derive(Deserialize)]
struct Refused {
    error: Refusal,
}

#[derive(Deserialize)]
struct Refusal {
    code: String,
    retryable: bool,
    retry_after_ms: u32,
}

#[derive(Deserialize)]
struct Character {
    id: String,
}

impl Api {
    /// The world at `url` (`http://host:port`).
    ///
    /// # Errors
    /// Where no HTTP client can be made.
    pub fn new(url: &str) -> Result<Self> {
        let http = Client::builder().timeout(Duration::from_secs(20)).no_proxy().build()?;
        Ok(Self { http, url: url.trim_end_matches('/').to_owned() })
    }

    /// `host:port`, as a socket wants it.
    ///
    /// # Errors
    /// Where the address is no plain `http://host:port`.
    pub fn address(&self) -> Result<String> {
        let address = self.url.strip_prefix("http://").context("a world's address is http://host:port")?;
        Ok(address.to_owned())
    }

    /// The build that the server takes.
    ///
    /// # Errors
    /// Where the server does not say.
    pub async fn build(&self) -> Result<BuildId> {
        let answer = self.http.get(format!("{}/api/build", self.url)).send().await?.error_for_status()?;
        let text = answer.json::<Build>().await?.build;
        parse_build(&text).with_context(|| format!("{text:?} is no build id"))
    }

    /// Makes a character for the bearer of `token`.
    ///
    /// # Errors
    /// Where the server refuses for good; its reason is in the error.
    pub async fn create_character(&self, token: &str, name: &str, archetype: &str) -> Result<EntityId> {
        let request = json!({ "name": name, "archetype": archetype });
        for _ in 0..TRIES_MAX {
            let url = format!("{}/api/characters", self.url);
            let answer = self.http.post(url).bearer_auth(token).json(&request).send().await?;
            let status = answer.status();
            if status.is_success() {
                let id = answer.json::<Character>().await?.id;
                return Ok(EntityId(id.parse().with_context(|| format!("{id:?} is no character's id"))?));
            }
            let refused = answer.json::<Refused>().await.with_context(|| status)?.error;
            if !refused.retryable {
                bail!("no character named {name}: {} ({status})", refused.code);
            }
            sleep(Duration::from_millis(u64::from(refused.retry_after_ms.max(RETRY_WAIT_MIN_MS)))).await;
        }
        bail!("no character named {name}: the server refused {TRIES_MAX} times, for now")
    }
}

fn parse_build(text: &str) -> Option<BuildId> {
    let mut bytes = [0; 16];
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(place * 2..place * 2 + 2)?, 16).ok()?;
    }
    Some(BuildId(bytes))
}

/// The name of the bot with this number: `^[A-Z][a-z]{2,15}$`, another for each number and each run.
#[must_use]
pub fn bot_name(run: u32, number: usize) -> String {
    let mut digits = (u64::from(run) << 20) | u64::try_from(number).unwrap_or(u64::MAX) & 0xf_ffff;
    let mut name = String::from("B");
    // 52 bits are twelve letters of 26 or fewer.
    for _ in 0..12 {
        let letter = u8::try_from(digits % 26).unwrap_or_default();
        name.push(char::from(b'a' + letter));
        digits /= 26;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_is_read_back_as_it_was_written() {
        let build = BuildId([0xa7; 16]);
        assert_eq!(parse_build(&build.to_string()), Some(build));
        assert_eq!(parse_build("a7"), None);
        assert_eq!(parse_build(&"g7".repeat(16)), None);
    }

    #[test]
    fn every_bot_of_every_run_has_a_name_of_its_own() {
        let mut names: Vec<_> = (0..3).flat_map(|run| (0..500).map(move |n| bot_name(run, n))).collect();
        names.push(bot_name(u32::MAX, 0xf_ffff));
        for name in &names {
            assert!(name.len() <= 16 && name.chars().skip(1).all(|c| c.is_ascii_lowercase()), "{name}");
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 1_501);
    }
}
