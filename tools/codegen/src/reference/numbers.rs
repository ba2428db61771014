//! Bounds and times that the code has as constants.

use anyhow::{Result, bail};
use holdfast::socket::SocketLimits;
use holdfast_front::Limits;
use holdfast_protocol::{
    CLIENT_FRAME_BYTES_MAX, HELLO_FRAME_BYTES_MAX, SERVER_MESSAGE_BYTES_MAX, UNANSWERED_MAX,
};

/// The number that `name` stands for, in the unit that the name says.
pub(super) fn number(name: &str) -> Result<String> {
    let (session, socket) = (Limits::default(), SocketLimits::default());
    let kib = |bytes: usize| (bytes / 1024).to_string();
    Ok(match name {
        "server-message-kib" => kib(SERVER_MESSAGE_BYTES_MAX),
        "client-frame-kib" => kib(CLIENT_FRAME_BYTES_MAX),
        "hello-frame-kib" => kib(HELLO_FRAME_BYTES_MAX),
        "unanswered" => UNANSWERED_MAX.to_string(),
        "token-bytes" => holdfast::auth::TOKEN_BYTES_MAX.to_string(),
        "hello-s" => socket.hello.as_secs().to_string(),
        "frames-per-s" => socket.frames_per_s.to_string(),
        "frames-burst" => socket.frames_burst.to_string(),
        "controls-per-s" => socket.controls_per_s.to_string(),
        "controls-burst" => socket.controls_burst.to_string(),
        "silence-s" => session.silent_after.as_secs().to_string(),
        "frame-interval-s" => session.frame_interval_max.as_secs().to_string(),
        "hash-ticks" => session.hash_interval_ticks.to_string(),
        "resync-s" => session.resync_interval.as_secs().to_string(),
        "answers-kib" => kib(session.answers_bytes_max),
        "write-s" => session.write_timeout.as_secs().to_string(),
        "pause-ms" => session.pause_after.as_millis().to_string(),
        "refuse-joins-s" => session.refuse_joins_after.as_secs().to_string(),
        "close-s" => session.close_after.as_secs().to_string(),
        "idle-warning-min" => (session.idle_warning_after.as_secs() / 60).to_string(),
        "idle-min" => (session.idle_after.as_secs() / 60).to_string(),
        "asleep-s" => session.asleep_for.as_secs().to_string(),
        "resumable-s" => session.resumable_for.as_secs().to_string(),
        "utterance-ticks" => village::simulation::fade::UTTERANCE_TICKS.to_string(),
        "utterances-a-chunk" => village::simulation::fade::UTTERANCES_A_CHUNK_MAX.to_string(),
        "text-chars" => village::action::say::TEXT_CHARS_MAX.to_string(),
        "bag-slots" => village::component::BAG_SLOTS.to_string(),
        "chunk-tiles" => village::tile::CHUNK_TILES.to_string(),
        _ => bail!("there is no number {name}"),
    })
}
