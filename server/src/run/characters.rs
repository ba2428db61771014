//! The characters of HTTP, kept by PostgreSQL: where the game's catalogue of archetypes meets the store.

use futures_util::future::BoxFuture;
use holdfast_front::Account;

use crate::http::characters::{CharacterCreated, CharacterError, CharacterStore, CharacterSummary};
use crate::persistence::characters::{Characters, Created};

/// A world's characters, of the archetypes that its game knows.
pub(super) struct CatalogedCharacters {
    pub(super) characters: Characters,
    pub(super) archetypes: &'static [&'static str],
}

impl CharacterStore for CatalogedCharacters {
    fn create<'a>(
        &'a self,
        account: &'a Account,
        name: &'a str,
        archetype: &'a str,
    ) -> BoxFuture<'a, Result<CharacterCreated, CharacterError>> {
        Box::pin(async move {
            if !self.archetypes.contains(&archetype) {
                return Err(CharacterError::UnknownArchetype);
            }
            match self.characters.create(account, name, archetype).await {
                Ok(Created::Done(id)) => Ok(CharacterCreated { id }),
                Ok(Created::NameInvalid) => Err(CharacterError::NameInvalid),
                Ok(Created::NameTaken) => Err(CharacterError::NameTaken),
                Ok(Created::TooMany) => Err(CharacterError::TooMany),
                Err(error) => Err(unavailable(&error)),
            }
        })
    }

    fn list<'a>(
        &'a self,
        account: &'a Account,
    ) -> BoxFuture<'a, Result<Vec<CharacterSummary>, CharacterError>> {
        Box::pin(async move {
            let profiles = self.characters.of_account(account).await.map_err(|error| unavailable(&error))?;
            let summary = |profile: crate::persistence::rows::CharacterProfile| CharacterSummary {
                id: profile.id,
                name: profile.name,
                archetype: profile.archetype,
            };
            Ok(profiles.into_iter().map(summary).collect())
        })
    }
}

fn unavailable(error: &crate::persistence::store::StoreError) -> CharacterError {
    tracing::error!(%error, "the characters' store could not be asked");
    CharacterError::Unavailable
}
