//! Follows one connection's protocol far enough to know a flush when it comes by, and its reply.
//!
//! A statement is a flush where its text names `flush_tick`. In the extended protocol the text comes once, with
//! Parse; from then on Bind and Execute name only what it was given as. A flush's reply is everything up to the
//! ReadyForQuery that answers its Sync: only then is it committed.

use std::collections::{HashSet, VecDeque};

use super::fate::Fate;
use super::frame::Frame;

/// What makes a statement a flush.
const MARK: &[u8] = b"flush_tick";

/// How many names and unanswered Syncs are followed; a connection that has more is cut. A server has one of each.
const FOLLOWED_MAX: usize = 1024;

/// What is known of one connection.
#[derive(Debug, Default)]
pub struct Conversation {
    statements: HashSet<Vec<u8>>,
    portals: HashSet<Vec<u8>>,
    /// What becomes of the reply that the next Sync will ask for.
    begun: Option<Fate>,
    /// One entry per Sync or simple query that has not been answered: what becomes of its reply.
    unanswered: VecDeque<Option<Fate>>,
}

/// More names or unanswered Syncs than are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMuch;

/// What to do with a frame from PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It passes.
    Pass,
    /// It is part of a reply that does not simply pass: more of it comes.
    Keep,
    /// It ends such a reply: everything kept meets its fate.
    Due(Fate),
}

impl Conversation {
    /// Looks at a frame from the client. True where forwarding it would start a flush.
    ///
    /// # Errors
    /// Where there is too much to follow.
    pub fn client_says(&mut self, frame: &Frame) -> Result<bool, TooMuch> {
        let names_flush = |text: &[u8]| text.windows(MARK.len()).any(|window| window == MARK);
        let body = frame.body();
        match frame.tag() {
            b'P' => {
                let (statement, rest) = name(body);
                let (text, _) = name(rest);
                set(&mut self.statements, statement, names_flush(text));
            }
            b'B' => {
                let (portal, rest) = name(body);
                let (statement, _) = name(rest);
                set(&mut self.portals, portal, self.statements.contains(statement));
            }
            b'C' => match body.split_first() {
                Some((b'S', rest)) => set(&mut self.statements, name(rest).0, false),
                Some((_, rest)) => set(&mut self.portals, name(rest).0, false),
                None => {}
            },
            b'E' => return Ok(self.portals.contains(name(body).0)),
            b'Q' => return Ok(names_flush(body)),
            _ => {}
        }
        let followed = self.statements.len() + self.portals.len() + self.unanswered.len();
        if followed > FOLLOWED_MAX { Err(TooMuch) } else { Ok(false) }
    }

    /// Takes note that the client's frame is forwarded now, and what becomes of the reply to the flush that it
    /// starts.
    pub fn forwarded(&mut self, frame: &Frame, fate: Option<Fate>) {
        self.begun = self.begun.take().or(fate);
        if matches!(frame.tag(), b'S' | b'Q') {
            self.unanswered.push_back(self.begun.take());
        }
    }

    /// Looks at a frame from PostgreSQL.
    pub fn server_says(&mut self, frame: &Frame) -> Reply {
        let fate = self.unanswered.front().copied().unwrap_or(self.begun);
        if frame.tag() == b'Z' {
            self.unanswered.pop_front();
            return fate.map_or(Reply::Pass, Reply::Due);
        }
        if fate.is_some() { Reply::Keep } else { Reply::Pass }
    }
}

/// The text up to the next zero byte, and what follows it.
fn name(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let (name, rest) = bytes.split_at(end);
    (name, rest.get(1..).unwrap_or_default())
}

fn set(names: &mut HashSet<Vec<u8>>, name: &[u8], is_member: bool) {
    if is_member {
        names.insert(name.to_vec());
    } else {
        names.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::super::fate::CommitCut;
    use super::super::frame::read;
    use super::*;

    fn frame(tag: u8, body: &[u8]) -> Frame {
        let mut bytes = vec![tag];
        bytes.extend_from_slice(&u32::try_from(body.len() + 4).unwrap().to_be_bytes());
        bytes.extend_from_slice(body);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(read(&mut bytes.as_slice())).unwrap()
    }

    fn parsed() -> Conversation {
        let mut talk = Conversation::default();
        assert_eq!(talk.client_says(&frame(b'P', b"s1\0SELECT flush_tick($1)\0\0\0")), Ok(false));
        assert_eq!(talk.client_says(&frame(b'P', b"s2\0SELECT 1\0\0\0")), Ok(false));
        talk
    }

    #[test]
    fn the_execution_of_a_statement_that_was_parsed_as_a_flush_is_one() {
        let mut talk = parsed();
        assert_eq!(talk.client_says(&frame(b'B', b"\0s1\0\0\0")), Ok(false));
        assert_eq!(talk.client_says(&frame(b'E', b"\0\0\0\0\0")), Ok(true));
        assert_eq!(talk.client_says(&frame(b'B', b"\0s2\0\0\0")), Ok(false));
        assert_eq!(talk.client_says(&frame(b'E', b"\0\0\0\0\0")), Ok(false));
    }

    #[test]
    fn a_name_that_was_closed_or_given_anew_is_no_flush() {
        let mut talk = parsed();
        talk.client_says(&frame(b'P', b"s1\0SELECT 2\0\0\0")).unwrap();
        talk.client_says(&frame(b'B', b"\0s1\0\0\0")).unwrap();
        assert_eq!(talk.client_says(&frame(b'E', b"\0\0\0\0\0")), Ok(false));
    }

    #[test]
    fn a_simple_query_can_be_a_flush() {
        assert_eq!(parsed().client_says(&frame(b'Q', b"SELECT flush_tick()\0")), Ok(true));
        assert_eq!(parsed().client_says(&frame(b'Q', b"SELECT 1\0")), Ok(false));
    }

    #[test]
    fn a_reply_is_kept_from_its_first_frame_to_its_ready_for_query() {
        let fate = Fate::Cut(CommitCut::DropReply);
        let mut talk = parsed();
        // An earlier query is unanswered: its reply passes.
        talk.forwarded(&frame(b'Q', b"SELECT 1\0"), None);
        talk.forwarded(&frame(b'E', b"\0\0\0\0\0"), Some(fate));
        talk.forwarded(&frame(b'S', b""), None);
        assert_eq!(talk.server_says(&frame(b'C', b"SELECT 1\0")), Reply::Pass);
        assert_eq!(talk.server_says(&frame(b'Z', b"I")), Reply::Pass);
        assert_eq!(talk.server_says(&frame(b'C', b"SELECT 1\0")), Reply::Keep);
        assert_eq!(talk.server_says(&frame(b'Z', b"I")), Reply::Due(fate));
        assert_eq!(talk.server_says(&frame(b'N', b"")), Reply::Pass);
    }

    #[test]
    fn more_than_can_be_followed_is_refused() {
        let mut talk = Conversation::default();
        for _ in 0..=FOLLOWED_MAX {
            talk.forwarded(&frame(b'S', b""), None);
        }
        assert_eq!(talk.client_says(&frame(b'S', b"")), Err(TooMuch));
    }
}
