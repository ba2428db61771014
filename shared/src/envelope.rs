//! The messages that cross the socket, in both directions.
//!
//! One binary WebSocket frame holds one message. The variants' order is the wire: new ones go to the end.

use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

use crate::codec::DecodeError;
use crate::{
    ActionName, Blob, BuildId, ChunkHash, ChunkId, ChunkWrite, Code, EntityId, Epoch, EpochTag, ErrorBody,
    OwnWrite, Refusal, Reply, Roster, Seq, SyncToken, Tick, TokenPoint, TokenStamp, Verdict, WorldId,
};

/// What a client says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub enum ClientMessage {
    /// Who is there. The first message, and only the first.
    Hello(Hello),
    /// Please do this.
    Act(Act),
    /// This token has been applied.
    Applied(Applied),
    /// Still here. Sent every 15 s; it does not count as playing.
    Ping,
    /// The copy went wrong: send a snapshot.
    Resync(Resync),
    /// The session ends here, by the player's wish.
    Leave,
    /// Please do all of these, in this order: as if each had been said by itself, in one message. At most 64, since no
    /// client has more without an answer.
    Acts(Vec<Act>),
}

/// Who is there, from which build, and what they hold.
///
/// The build stands first, so that a server can answer a client of any other build without being able to read the
/// rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Hello {
    /// The client's build.
    pub build: BuildId,
    /// The access token of the identity provider.
    pub access_token: String,
    /// The character to be played. It must be the account's own.
    pub character: EntityId,
    /// The token of the session that is to go on, where there was one.
    pub resume: Option<Blob>,
    /// What the client's copy holds, where it has one.
    pub held: Option<SyncToken>,
    /// The oldest action that the client has no answer to.
    pub oldest_unanswered: Option<ActionName>,
}

/// The build id in a Hello, without reading further. `None` where the frame is no Hello.
///
/// # Errors
/// Where the frame starts as a Hello and ends before its build id does.
pub fn hello_build(frame: &[u8]) -> Result<Option<BuildId>, DecodeError> {
    match frame.split_first() {
        Some((0, rest)) => match rest.first_chunk::<16>() {
            Some(bytes) => Ok(Some(BuildId(*bytes))),
            None => Err(DecodeError::Malformed),
        },
        _ => Ok(None),
    }
}

/// One action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Act {
    /// What names it.
    pub name: ActionName,
    /// The verb's stable tag and its payload, in the game's encoding.
    pub action: Blob,
}

/// The echo of a token: for each one that the client adopts, so that a server can tell how far behind it is. Ours keeps
/// nothing of it yet but that the client is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Applied {
    /// The tick of the token.
    pub tick: Tick,
}

/// A client found its copy of a chunk to differ from the server's hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Resync {
    /// The tick at which it differed, or zero where that cannot be told. Nothing is decided by it: the answer is a
    /// snapshot of the present, whatever it says.
    pub tick: Tick,
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub enum ServerMessage {
    /// The connection cannot be, or cannot go on. First of all variants, so that a client of any build can read it.
    Error(ErrorBody),
    /// You are in.
    Welcome(Welcome),
    /// What is new since the token that you hold.
    Frame(Frame),
    /// An action was turned away before any rule looked at it.
    Refused(Refusal),
    /// The world stands still: its store cannot be reached.
    Paused(Paused),
    /// The answer to Ping.
    Pong,
    /// Nothing was done for nine minutes; in so many milliseconds the session ends.
    IdleWarning(u32),
}

/// You are in. The world's state follows in frames.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Welcome {
    /// The world.
    pub world: WorldId,
    /// The ownership under which all following tokens are given.
    pub epoch: Epoch,
    /// That ownership's tag.
    pub tag: EpochTag,
    /// The character that is played.
    pub character: EntityId,
    /// The `seq` of the last action that the world has decided for this character.
    pub last_seq: Seq,
    /// True where another device has used the place of the client's oldest unanswered action, the action is too old to
    /// be answered, or it does not follow from what the world has (which was restored from a backup): the client gives
    /// up all unanswered actions and says so.
    pub conflict: bool,
    /// What brings this session back after the connection is lost, together with a valid access token.
    pub resume: Blob,
    /// What the first frame will be.
    pub resync: ResyncKind,
    /// How long a tick lasts, in milliseconds.
    pub tick_ms: u16,
    /// The WebSocket addresses (`ws://` or `wss://`) of all servers of this world, the answering one's own first: where
    /// a client goes when this one is lost. At most 8, each of at most 255 bytes; empty where the client is to keep to
    /// the address that it knows.
    pub addresses: Vec<String>,
}

/// What a client gets first, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub enum ResyncKind {
    /// What changed since the token that the client showed.
    Delta,
    /// Everything: the client showed no token.
    SnapshotFresh,
    /// Everything: the session could no longer be resumed.
    SnapshotExpired,
    /// Everything: the token is of another world, or of an ownership that this world does not know, as after it was
    /// restored from a backup. Answers that this world's `last_seq` does not reach up to are then no longer true.
    SnapshotUnknownEpoch,
    /// Everything: the client found its copy to differ.
    SnapshotDiverged,
}

/// What is new since the token that the client holds.
///
/// A large one comes in parts; only the last carries a token. The client keeps the parts until then, applies all of
/// them (first what left, then what entered and changed), and then adopts the token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Frame {
    /// The point that this builds upon; none in a snapshot: what the client has is void.
    pub from: Option<TokenPoint>,
    /// Answers to actions, in `seq` order.
    pub verdicts: Vec<Verdict>,
    /// The longer answers.
    pub replies: Vec<Reply>,
    /// Chunks that are no longer in view, with all that is in them.
    pub lost: Vec<ChunkId>,
    /// Whole membership lists of chunks that something has left.
    pub rosters: Vec<Roster>,
    /// What entered or changed in each chunk.
    pub chunks: Vec<ChunkWrite>,
    /// The same for what is the client's alone.
    pub own: OwnWrite,
    /// What chunks must hash to once this is applied; every two seconds.
    pub hashes: Vec<ChunkHash>,
    /// What the client holds once this is applied; only in the last part.
    pub token: Option<TokenStamp>,
}

/// The world stands still. It says nothing of the world but that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Paused {
    /// Why, as a code of the registry.
    pub code: Code,
    /// For how long already, in milliseconds.
    pub since_ms: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EntityId, encode};

    #[test]
    fn the_build_can_be_read_from_a_hello_of_another_build() {
        let hello = ClientMessage::Hello(Hello {
            build: BuildId([9; 16]),
            access_token: "token".into(),
            character: EntityId(1),
            resume: None,
            held: None,
            oldest_unanswered: None,
        });
        let mut frame = encode(&hello);
        frame.truncate(17);
        assert_eq!(hello_build(&frame), Ok(Some(BuildId([9; 16]))));
        frame.truncate(16);
        assert_eq!(hello_build(&frame), Err(DecodeError::Malformed));
        assert_eq!(hello_build(&encode(&ClientMessage::Ping)), Ok(None));
    }
}
