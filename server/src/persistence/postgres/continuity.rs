//! Whether a database that is found again still has everything that was acknowledged.
//!
//! The store knows the tick up to which it was told that everything is committed. A database whose row is behind that
//! was restored from a backup, or is a replica that was promoted before it had everything. Then people have been told
//! what is not true any more, and to go on as if nothing had happened would tell more of them: a person must decide.

use holdfast_protocol::{Epoch, EpochTag, Tick, WorldId};
use sqlx::PgConnection;

use crate::persistence::error::Phase;
use crate::persistence::store::{StoreError, StoreErrorClass, WorldMark};

/// What this server knows to be committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Acknowledged {
    pub(super) epoch: Epoch,
    pub(super) tag: EpochTag,
    pub(super) tick: Tick,
}

impl Acknowledged {
    /// What the world's row says, where it has everything. Where another server has owned the world since, what counts is where
    /// our own ownership is said to have ended.
    pub(super) async fn check(
        self,
        connection: &mut PgConnection,
        world: WorldId,
        mark: Option<WorldMark>,
    ) -> Result<WorldMark, StoreError> {
        let Some(mark) = mark else { return Err(self.lost(None)) };
        let end = if mark.epoch > self.epoch { self.recorded_end(connection, world).await? } else { None };
        if self.is_kept(mark, end) { Ok(mark) } else { Err(self.lost(Some(mark))) }
    }

    fn is_kept(self, mark: WorldMark, recorded_end: Option<Tick>) -> bool {
        if mark.epoch > self.epoch {
            recorded_end.is_some_and(|end| end >= self.tick)
        } else {
            (mark.epoch, mark.tag) == (self.epoch, self.tag) && mark.tick >= self.tick
        }
    }

    async fn recorded_end(
        self,
        connection: &mut PgConnection,
        world: WorldId,
    ) -> Result<Option<Tick>, StoreError> {
        let end: Option<i64> = sqlx::query_scalar(
            "SELECT end_tick FROM holdfast.epoch_ends WHERE world = $1 AND epoch = $2 AND tag = $3",
        )
        .bind(world.0.cast_signed())
        .bind(self.epoch.0.cast_signed())
        .bind(self.tag.0.cast_signed())
        .fetch_optional(connection)
        .await
        .map_err(|error| StoreError::from_sqlx(&error, Phase::Before))?;
        Ok(end.map(|end| Tick(end.cast_unsigned())))
    }

    fn lost(self, mark: Option<WorldMark>) -> StoreError {
        let Self { epoch, tick, .. } = self;
        let found = match mark {
            Some(mark) => format!("its latest is tick {} of epoch {}", mark.tick, mark.epoch),
            None => "it does not know this world".to_owned(),
        };
        StoreError::new(
            StoreErrorClass::Halt,
            "",
            &format!(
                "ACKNOWLEDGED DATA IS LOST in the database that answers: tick {tick} of epoch {epoch} was committed, and \
                 {found}. It was restored from a backup, or is a replica that had not received everything. Nothing more \
                 is written. If the database with tick {tick} still exists, point DATABASE_URL to it and start again; if \
                 not, start again as it is: the world goes on from what this database has, and what came after it is gone"
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: Acknowledged = Acknowledged { epoch: Epoch(6), tag: EpochTag(60), tick: Tick(812) };

    fn mark(epoch: u64, tag: u64, tick: u64) -> WorldMark {
        WorldMark { epoch: Epoch(epoch), tag: EpochTag(tag), tick: Tick(tick) }
    }

    #[test]
    fn a_row_that_is_behind_what_was_acknowledged_is_a_loss() {
        assert!(OURS.is_kept(mark(6, 60, 812), None) && OURS.is_kept(mark(6, 60, 813), None));
        assert!(!OURS.is_kept(mark(6, 60, 811), None));
        assert!(!OURS.is_kept(mark(5, 50, 900), None), "a backup from before this ownership");
        assert!(!OURS.is_kept(mark(6, 61, 900), None), "such a backup, which somebody has taken since");
    }

    #[test]
    fn an_owner_that_was_followed_has_lost_nothing_where_its_end_is_recorded() {
        assert!(
            OURS.is_kept(mark(7, 70, 814), Some(Tick(813))) && OURS.is_kept(mark(9, 9, 900), Some(Tick(812)))
        );
        assert!(!OURS.is_kept(mark(7, 70, 814), Some(Tick(811))));
        assert!(!OURS.is_kept(mark(7, 70, 900), None), "the one who follows has never heard of it");
    }

    #[test]
    fn the_message_says_what_is_missing_and_what_to_do() {
        let text = OURS.lost(Some(mark(6, 60, 700))).message;
        for part in ["LOST", "tick 812 of epoch 6", "tick 700 of epoch 6", "DATABASE_URL"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(OURS.lost(None).message.contains("does not know this world"));
    }
}
