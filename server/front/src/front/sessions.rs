//! The sessions of a front, by connection and by the character that each plays.
//!
//! The invariant: a session's connection plays its character, and no other connection does. Both ways to look one up
//! are changed together, here and nowhere else.

use std::collections::BTreeMap;

use holdfast_protocol::EntityId;

use crate::event::Conn;
use crate::session::Session;

/// All sessions. Bounded by the capacity (see [`super::join`]).
#[derive(Debug, Default)]
pub(super) struct Sessions {
    by_conn: BTreeMap<Conn, Session>,
    conn_of: BTreeMap<EntityId, Conn>,
}

impl Sessions {
    /// The connection plays the session's character from now on. Whatever either of them played, or was played by, is
    /// over.
    pub(super) fn insert(&mut self, conn: Conn, session: Session) {
        self.remove(conn);
        self.remove_player(session.character);
        self.conn_of.insert(session.character, conn);
        self.by_conn.insert(conn, session);
    }

    /// The connection plays nothing any more.
    pub(super) fn remove(&mut self, conn: Conn) -> Option<Session> {
        let session = self.by_conn.remove(&conn)?;
        self.conn_of.remove(&session.character);
        Some(session)
    }

    /// Nobody plays the character any more. Hands out the connection that did.
    pub(super) fn remove_player(&mut self, character: EntityId) -> Option<Conn> {
        let conn = self.conn_of.remove(&character)?;
        self.by_conn.remove(&conn);
        Some(conn)
    }

    /// Nobody plays anything any more. Hands out who did, in ascending order of the connections.
    pub(super) fn remove_all(&mut self) -> impl Iterator<Item = (Conn, Session)> + use<> {
        std::mem::take(self).by_conn.into_iter()
    }

    pub(super) fn get_mut(&mut self, conn: Conn) -> Option<&mut Session> {
        self.by_conn.get_mut(&conn)
    }

    /// The connection that plays the character.
    pub(super) fn player(&self, character: EntityId) -> Option<Conn> {
        self.conn_of.get(&character).copied()
    }

    /// The session in which the character is played.
    pub(super) fn playing(&self, character: EntityId) -> Option<&Session> {
        self.by_conn.get(self.conn_of.get(&character)?)
    }

    /// The session in which the character is played.
    pub(super) fn playing_mut(&mut self, character: EntityId) -> Option<&mut Session> {
        self.by_conn.get_mut(self.conn_of.get(&character)?)
    }

    pub(super) fn contains(&self, conn: Conn) -> bool {
        self.by_conn.contains_key(&conn)
    }

    pub(super) fn len(&self) -> usize {
        self.by_conn.len()
    }

    /// All of them, in ascending order of their connections.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Conn, &Session)> {
        self.by_conn.iter().map(|(conn, session)| (*conn, session))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use holdfast_protocol::{ChunkId, SessionEpoch, Tick};

    use super::*;
    use crate::changes::Account;
    use crate::moment::Moment;

    fn session(character: u64) -> Session {
        let account = Account { issuer: "https://issuer".into(), subject: "ann".into() };
        let begins = (SessionEpoch(1), Tick(1));
        Session::new(account, EntityId(character), begins, ChunkId(0), [].into(), Moment(Duration::ZERO))
    }

    #[test]
    fn a_character_and_a_connection_have_one_session_at_most() {
        let mut sessions = Sessions::default();
        sessions.insert(Conn(1), session(11));
        sessions.insert(Conn(2), session(11));
        assert_eq!((sessions.player(EntityId(11)), sessions.contains(Conn(1))), (Some(Conn(2)), false));
        sessions.insert(Conn(2), session(13));
        assert_eq!((sessions.player(EntityId(11)), sessions.player(EntityId(13))), (None, Some(Conn(2))));
        assert_eq!(sessions.len(), 1);
    }

    #[test]
    fn whichever_way_a_session_is_removed_both_ways_to_it_are_gone() {
        let mut sessions = Sessions::default();
        sessions.insert(Conn(1), session(11));
        sessions.insert(Conn(2), session(13));
        assert_eq!(sessions.remove(Conn(1)).map(|session| session.character), Some(EntityId(11)));
        assert_eq!(sessions.player(EntityId(11)), None);
        assert_eq!(sessions.remove_player(EntityId(13)), Some(Conn(2)));
        assert!(!sessions.contains(Conn(2)));
        sessions.insert(Conn(3), session(15));
        assert_eq!(sessions.remove_all().count(), 1);
        assert!(sessions.playing(EntityId(15)).is_none());
    }
}
