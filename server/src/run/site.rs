//! From the settings to what browsers are given: before the world is asked for, so that a page which does not belong to
//! this server is refused at once.

use holdfast_protocol::BuildId;

use crate::app::Game;
use crate::config::ServeConfig;
use crate::http::site::page::{Page, PageError};
use crate::http::site::{SignIn, Site, SiteError, SiteParts};

/// Why browsers could not be given what they need.
#[derive(Debug, thiserror::Error)]
pub(super) enum SiteSetupError {
    #[error(transparent)]
    Page(#[from] PageError),
    #[error(
        "a page is to be served, but no page may connect: set HOLDFAST_ORIGINS to the address at which it is opened"
    )]
    NoOrigins,
    #[error(transparent)]
    Site(#[from] SiteError),
}

/// The site of a world, as configured.
pub(super) fn site<G: Game>(
    config: &ServeConfig,
    world: &str,
    build: BuildId,
) -> Result<Site, SiteSetupError> {
    let page = match &config.page.page {
        Some(_) if config.door.origins.is_empty() => return Err(SiteSetupError::NoOrigins),
        Some(folder) => Some(Page::read(folder, build)?),
        None => None,
    };
    let scope = || format!("openid {}", config.auth.scope);
    Ok(Site::new(SiteParts {
        game: G::NAME,
        world: world.to_owned(),
        build,
        archetypes: G::ARCHETYPES,
        sign_in: SignIn {
            issuer: config.auth.issuer.clone(),
            client_id: config.page.client_id.clone(),
            scope: config.page.sign_in_scope.clone().unwrap_or_else(scope),
            origins: config.page.sign_in_origins.clone(),
        },
        origins: config.door.origins.clone(),
        addresses: config.addresses.clone(),
        content: G::content(),
        page,
    })?)
}
