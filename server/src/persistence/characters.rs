//! The making of characters, and the list of an account's own.
//!
//! Outside of any tick, each in a transaction of its own. The database decides races: of two who want one name, exactly
//! one gets it, and no flush ever fails for it.

use std::sync::Arc;

use holdfast_front::Account;
use holdfast_protocol::{EntityId, WorldId};
use sqlx::{PgPool, Row as _};
use tokio::time::timeout;

use super::error::Phase;
use super::postgres::{READ_TIMEOUT, Turn};
use super::rows::CharacterProfile;
use super::store::StoreError;

/// How many characters an account may have in a world.
pub const CHARACTERS_PER_ACCOUNT_MAX: u32 = 10;

/// What became of a wish for a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// It is there, and durable: made now, or by the same wish before, whose answer was lost. Its first join puts it into
    /// the world.
    Done(EntityId),
    /// Not three to sixteen letters, the first of them a capital.
    NameInvalid,
    /// Somebody else in this world has the name, without regard to case, or another character of the account.
    NameTaken,
    /// The account has as many as it may have.
    TooMany,
}

/// A world's characters, as their accounts see them.
#[derive(Clone, Debug)]
pub struct Characters {
    pool: PgPool,
    world: WorldId,
}

impl Characters {
    /// The characters of one world.
    #[must_use]
    pub fn new(pool: PgPool, world: WorldId) -> Self {
        Self { pool, world }
    }

    /// Makes a character. The archetype is taken as it is: the game has said that it is one.
    ///
    /// # Errors
    /// Where the store cannot say. The character may have been made all the same: the account's list tells.
    pub async fn create(
        &self,
        account: &Account,
        name: &str,
        archetype: &str,
    ) -> Result<Created, StoreError> {
        let query = sqlx::query("SELECT outcome, id FROM holdfast.create_character($1, $2, $3, $4, $5, $6)")
            .bind(self.world.0.cast_signed())
            .bind(account.issuer.as_ref())
            .bind(account.subject.as_ref())
            .bind(name)
            .bind(archetype)
            .bind(i64::from(CHARACTERS_PER_ACCOUNT_MAX));
        let mut turn = Turn::of(&self.pool).await.map_err(from_sqlx)?;
        let row = answered(query.fetch_one(turn.connection())).await?;
        turn.end();
        let outcome: String = row.try_get(0).map_err(from_sqlx)?;
        let id: Option<i64> = row.try_get(1).map_err(from_sqlx)?;
        match (outcome.as_str(), id) {
            ("created", Some(id)) => Ok(Created::Done(EntityId(id.cast_unsigned()))),
            ("name_invalid", _) => Ok(Created::NameInvalid),
            ("name_taken", _) => Ok(Created::NameTaken),
            ("too_many", _) => Ok(Created::TooMany),
            _ => Err(from_sqlx(sqlx::Error::Protocol("create_character answered in unknown words".into()))),
        }
    }

    /// The account's characters, oldest first; at most [`CHARACTERS_PER_ACCOUNT_MAX`].
    ///
    /// # Errors
    /// Where the store cannot say.
    pub async fn of_account(&self, account: &Account) -> Result<Vec<CharacterProfile>, StoreError> {
        let query = sqlx::query("SELECT id, name, archetype FROM holdfast.characters_of($1, $2, $3)")
            .bind(self.world.0.cast_signed())
            .bind(account.issuer.as_ref())
            .bind(account.subject.as_ref());
        let mut turn = Turn::of(&self.pool).await.map_err(from_sqlx)?;
        let rows = answered(query.fetch_all(turn.connection())).await?;
        turn.end();
        rows.iter()
            .map(|row| {
                Ok(CharacterProfile {
                    id: EntityId(row.try_get::<i64, _>(0)?.cast_unsigned()),
                    account: Account {
                        issuer: Arc::clone(&account.issuer),
                        subject: Arc::clone(&account.subject),
                    },
                    name: row.try_get(1)?,
                    archetype: row.try_get(2)?,
                })
            })
            .collect::<Result<_, _>>()
            .map_err(from_sqlx)
    }
}

/// What the store answers, where it does in time.
async fn answered<T>(answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, StoreError> {
    match timeout(READ_TIMEOUT, answer).await {
        Ok(answer) => answer.map_err(from_sqlx),
        Err(_) => Err(StoreError::silent("a read was not answered")),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where map_err wants a function")]
fn from_sqlx(error: sqlx::Error) -> StoreError {
    StoreError::from_sqlx(&error, Phase::Before)
}
