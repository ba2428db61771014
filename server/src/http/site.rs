//! What a browser gets before anybody is signed in: the page ([`page`]), the game's content, and in `/api/world` what the
//! page has to know to go on.
//!
//! All of it is in memory from the beginning, and nothing of it changes but what is known of the provider, so it costs an
//! answer no more than a look-up: whoever asks for it does not count as a stranger.

mod accept;
mod document;
mod file;
pub mod files;
pub mod page;

use std::collections::HashMap;

use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use holdfast_protocol::BuildId;
use reqwest::Url;
use serde_json::{Map, Value, json};

use self::file::{Keep, SiteFile, name_of};
use self::files::Files;
use self::page::Page;
use crate::app::content::ContentFile;
use crate::config::Addresses;

/// What a site is made from.
#[derive(Debug)]
pub struct SiteParts {
    /// The game's name.
    pub game: &'static str,
    /// The world's name.
    pub world: String,
    /// The only build that is spoken with.
    pub build: BuildId,
    /// The kinds of characters that there are to choose from.
    pub archetypes: &'static [&'static str],
    /// How the page signs somebody in.
    pub sign_in: SignIn,
    /// The Origins at which the page is reached, in small letters.
    pub origins: Vec<String>,
    /// Where the world's servers are reached.
    pub addresses: Addresses,
    /// What the game's page loads.
    pub content: Vec<ContentFile>,
    /// The page; none where this server serves none.
    pub page: Option<Page>,
}

/// How the page signs somebody in.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The provider, as its tokens name it.
    pub issuer: String,
    /// What the page is called there.
    pub client_id: String,
    /// What it asks for.
    pub scope: String,
    /// Further Origins that the provider's endpoints are at.
    pub origins: Vec<String>,
}

/// Why a site cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The issuer is no address.
    #[error("the issuer is no address")]
    Issuer,
    /// An Origin that would spoil the policy that the page is served with.
    #[error("an Origin has characters that no address has")]
    Origin,
}

/// All that is served without a token.
#[derive(Debug)]
pub struct Site {
    world: Value,
    files: Files,
}

impl Site {
    /// The site of these parts.
    ///
    /// # Errors
    /// Where an address among them is none.
    pub fn new(parts: SiteParts) -> Result<Self, SiteError> {
        let issuer = Url::parse(&parts.sign_in.issuer).map_err(|_| SiteError::Issuer)?.origin();
        let mut sign_in_origins = vec![issuer.ascii_serialization()];
        sign_in_origins.extend(parts.sign_in.origins.iter().cloned());
        let document_headers =
            document::headers(&parts.origins, &parts.addresses.sources(), &sign_in_origins)
                .ok_or(SiteError::Origin)?;
        let mut files: HashMap<String, SiteFile> = match parts.page {
            Some(page) => page.into_files().into_iter().collect(),
            None => {
                let html = document::without_page(parts.game, &parts.world);
                HashMap::from([("/".to_owned(), SiteFile::new("index.html", Keep::Ask, html.into()))])
            }
        };
        let mut content = Map::new();
        for file in parts.content {
            let name = file.name();
            let path = format!("/content/{}/{name}", name_of(file.bytes()));
            content.insert(name.to_owned(), Value::from(path.clone()));
            files.insert(path, SiteFile::new(name, Keep::Forever, file.into_bytes().into()));
        }
        let sign_in = parts.sign_in;
        let world = json!({
            "build": parts.build.to_string(),
            "game": parts.game,
            "world": parts.world,
            "sign_in": { "issuer": sign_in.issuer, "client_id": sign_in.client_id, "scope": sign_in.scope },
            "archetypes": parts.archetypes,
            "addresses": parts.addresses.all(),
            "content": content,
        });
        Ok(Self { world, files: Files::new(files, document_headers) })
    }

    /// The answer of `GET /api/world`, with what the provider says of itself where that is known by now.
    pub(super) fn world(&self, provider: Option<Value>) -> Response {
        let mut world = self.world.clone();
        world["sign_in"]["provider"] = provider.unwrap_or(Value::Null);
        super::json(StatusCode::OK, &world)
    }

    /// The answer to a request for anything but the routes of the API.
    pub(super) fn answer(&self, method: &Method, path: &str, request: &HeaderMap) -> Response {
        self.files.answer(method, path, request)
    }
}
