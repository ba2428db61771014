//! One connection through a link: both directions, at the pace that what was done to it allows, and its end.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, Interest};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, sleep_until, timeout};

use super::{Blow, Harm};

/// How much is kept in each direction, in bytes.
const KEPT_BYTES_MAX: usize = 16 * 1024;

/// How far two bytes are apart that dribble.
const DRIBBLE_GAP: Duration = Duration::from_millis(3);

/// How long both sides are heard after they were told that it has ended: a socket that is closed with something unread
/// in it is reset.
const LAST_WORDS_TIME: Duration = Duration::from_secs(5);

/// How long a connection stays half open where nobody gives up.
const HALF_OPEN_TIME_MAX: Duration = Duration::from_secs(300);

/// How often the sides of a half-open connection are looked at.
const LOOK_GAP: Duration = Duration::from_millis(10);

/// Carries bytes in both directions until both have ended, or a blow ends them.
pub(super) async fn carry(
    mut player: TcpStream,
    mut server: TcpStream,
    mut blows: watch::Receiver<Option<Blow>>,
) -> io::Result<()> {
    // What a harm does to the timing is to be all that is done to it.
    player.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (upward, downward) = (blows.clone(), blows.clone());
    let fatal = {
        let ((from_player, to_player), (from_server, to_server)) = (player.split(), server.split());
        tokio::select! {
            biased;
            harm = fatal_harm(&mut blows) => harm,
            ended = async {
                tokio::try_join!(
                    carry_one_way(from_player, to_server, upward),
                    carry_one_way(from_server, to_player, downward)
                )
            } => match ended {
                Ok(_) => return Ok(()),
                // What breaks on one side breaks on the other.
                Err(_) => Harm::Reset,
            },
        }
    };
    match fatal {
        Harm::Reset => [&player, &server].into_iter().try_for_each(TcpStream::set_zero_linger),
        Harm::HalfOpen => {
            tokio::select! {
                () = end_of(&player) => {}
                () = end_of(&server) => {}
                () = sleep(HALF_OPEN_TIME_MAX) => {}
            }
            Ok(())
        }
        Harm::Close | Harm::Dribble(_) | Harm::Stall(_) => close(player, server).await,
    }
}

/// Waits for a harm after which nothing is carried any more.
async fn fatal_harm(blows: &mut watch::Receiver<Option<Blow>>) -> Harm {
    let blow = blows.wait_for(|blow| blow.is_some_and(|(harm, _)| harm.is_fatal())).await;
    // The link has gone without a blow only where this connection goes too.
    blow.ok().and_then(|blow| *blow).map_or(Harm::Close, |(harm, _)| harm)
}

/// Carries one direction to its end, and says that it has ended. The other one goes on.
async fn carry_one_way(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut blows: watch::Receiver<Option<Blow>>,
) -> io::Result<()> {
    let mut kept = vec![0; KEPT_BYTES_MAX];
    loop {
        let read = from.read(&mut kept).await;
        // Also an end, in order or not, passes only when something may.
        let mut count_max = passable_bytes(&mut blows).await;
        let mut rest = kept.get(..read?).unwrap_or_default();
        if rest.is_empty() {
            return to.shutdown().await;
        }
        while let Some((now, later)) = rest.split_at_checked(count_max.min(rest.len())) {
            to.write_all(now).await?;
            rest = later;
            if rest.is_empty() {
                break;
            }
            count_max = passable_bytes(&mut blows).await;
        }
    }
}

/// Waits until something may pass, and says how many bytes.
async fn passable_bytes(blows: &mut watch::Receiver<Option<Blow>>) -> usize {
    loop {
        let blow = *blows.borrow_and_update();
        match blow {
            Some((Harm::Stall(duration), since)) if since.elapsed() < duration => tokio::select! {
                () = sleep_until(since + duration) => {}
                Ok(()) = blows.changed() => {}
            },
            Some((Harm::Dribble(duration), since)) if since.elapsed() < duration => {
                sleep(DRIBBLE_GAP).await;
                return 1;
            }
            _ => return KEPT_BYTES_MAX,
        }
    }
}

/// Tells both sides that nothing more comes, and hears what they still say.
async fn close(mut player: TcpStream, mut server: TcpStream) -> io::Result<()> {
    player.shutdown().await?;
    server.shutdown().await?;
    let (mut unheard, mut unanswered) = (tokio::io::sink(), tokio::io::sink());
    let heard = async {
        tokio::try_join!(
            tokio::io::copy(&mut player, &mut unheard),
            tokio::io::copy(&mut server, &mut unanswered)
        )
    };
    // Where they say more than that the time is up.
    let _ = timeout(LAST_WORDS_TIME, heard).await;
    Ok(())
}

/// Waits until one side has closed or reset its connection. What it has said before lies there unread, which is why its
/// end has to be asked for again and again.
async fn end_of(side: &TcpStream) {
    while let Ok(ready) = side.ready(Interest::READABLE).await
        && !ready.is_read_closed()
    {
        sleep(LOOK_GAP).await;
    }
}
