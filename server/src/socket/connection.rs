//! One socket: a task that owns the stream, and carries frames both ways until one side ends it.
//!
//! A reader that is slow, or does not read at all, blocks only what is written to it: the socket goes on being read
//! meanwhile. What is heard goes to the hub, which is waited for where it has no room.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use holdfast_front::{Bucket, Conn, FrontEvent, Moment};
use holdfast_protocol::{CLIENT_FRAME_BYTES_MAX, ClientMessage, Code, SERVER_MESSAGE_BYTES_MAX, decode};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::Sockets;
use super::admission::Admitted;
use super::connections::{Handed, Outbound};
use super::entrance::Ownership;
use super::farewell::{Ending, FAREWELL, RETRY_MS, close_code, farewell, tells_of_the_world};
use super::hello::{self, Greeting};
use crate::clock;

/// How long a socket that may not write what it holds waits to be told why. The hub that has found out that it must not
/// go on is about to say so.
const LAST_WORD_WAIT: Duration = Duration::from_millis(250);

/// Small buffers, since there are many sockets, and hard limits. A write beyond the buffer's fails, and the
/// connection ends; the front's messages are smaller.
fn websocket_config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(4 * 1024)
        .write_buffer_size(0)
        .max_write_buffer_size(SERVER_MESSAGE_BYTES_MAX)
        .max_message_size(Some(CLIENT_FRAME_BYTES_MAX))
        .max_frame_size(Some(CLIENT_FRAME_BYTES_MAX))
}

/// Serves an upgraded stream to its end.
pub(super) async fn run<S>(stream: S, sockets: Arc<Sockets>, admitted: Admitted)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(websocket_config())).await;
    let greeting = hello::receive(&mut socket, &sockets).await;
    // From here on it counts as known, or as gone.
    drop(admitted);
    let greeting = match greeting {
        Ok(greeting) => greeting,
        Err(ending) => return farewell(socket, ending, None).await,
    };
    // Before it is let in, which may take seconds: a server that stops meanwhile waits for it as for everybody.
    let (conn, mut outbound) = sockets.connections.register();
    let ending = match let_in(&mut socket, &sockets, &mut outbound).await {
        Ok((ownership, heard)) => {
            attend(&mut socket, &sockets, ownership, conn, outbound, greeting, heard).await
        }
        Err(ending) => ending,
    };
    farewell(socket, ending, Some(conn)).await;
    // Only now, so that a server which waits until all are gone has told everybody why.
    sockets.connections.forget(conn);
}

/// Waits at the entrance. Whoever is dismissed there with everybody else goes: the word is of an ownership that is over,
/// and nothing of it may reach a later one. So does whoever has left meanwhile: let in, it would take the character from
/// the connection on which its player came back. What was heard instead, one message at most, is for later.
async fn let_in<S>(
    socket: &mut WebSocketStream<S>,
    sockets: &Sockets,
    outbound: &mut mpsc::Receiver<Outbound>,
) -> Result<(Ownership, Option<Message>), Ending>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let admitted = sockets.entrance.admit();
    tokio::pin!(admitted);
    let mut first = None;
    loop {
        tokio::select! {
            biased;
            word = outbound.recv() => return Err(match word {
                Some(Outbound::Last(body)) => Ending::Told(body, close_code(body.code)),
                _ => Ending::told(sockets.entrance.why_over(), RETRY_MS),
            }),
            heard = socket.next(), if first.is_none() => match heard {
                Some(Ok(Message::Close(_))) | None => return Err(Ending::Gone),
                Some(Ok(message)) => first = Some(message),
                Some(Err(error)) => return Err(Ending::of_read(&error)),
            },
            admitted = &mut admitted => {
                let ownership = admitted.map_err(|code| Ending::told(code, RETRY_MS))?;
                return Ok((ownership, first));
            }
        }
    }
}

/// Carries frames for somebody who is known, and tells the hub when the connection is lost.
async fn attend<S>(
    socket: &mut WebSocketStream<S>,
    sockets: &Sockets,
    ownership: Ownership,
    conn: Conn,
    outbound: mpsc::Receiver<Outbound>,
    greeting: Greeting,
    heard: Option<Message>,
) -> Ending
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (limits, began) = (&sockets.limits, clock::now());
    tracing::info!(conn = conn.0, returns = greeting.request.resume.is_some(), "a connection is let in");
    let mut open = Open {
        socket,
        sockets,
        ownership,
        conn,
        outbound,
        writing: None,
        heard: began,
        expires: greeting.expires,
        frames: Bucket::per_second(limits.frames_per_s, limits.frames_burst),
        acts: Bucket::per_second(limits.acts_per_s, limits.acts_burst),
        controls: Bucket::per_second(limits.controls_per_s, limits.controls_burst),
        dismissed: false,
    };
    let ending = match tell(&open.ownership, sockets, FrontEvent::Hello(conn, greeting.request)).await {
        Ok(()) => {
            let ending = open.carry(heard).await;
            open.finish_writing(ending).await
        }
        Err(ending) => ending,
    };
    if !open.dismissed {
        // Where the hub is gone, there is nobody left to mind.
        let _ = open.ownership.hub.send(FrontEvent::Lost(conn)).await;
    }
    let lasted_s = clock::now().since(began).as_secs();
    tracing::info!(conn = conn.0, lasted_s, reason = ending.name(), "a connection has ended");
    ending
}

/// A connection that carries frames.
struct Open<'a, S> {
    socket: &'a mut WebSocketStream<S>,
    sockets: &'a Sockets,
    /// Under which it was let in. Another one is no concern of this connection's.
    ownership: Ownership,
    conn: Conn,
    outbound: mpsc::Receiver<Outbound>,
    writing: Option<Writing>,
    /// When the last whole message came.
    heard: Moment,
    /// When the access token runs out.
    expires: Moment,
    frames: Bucket,
    /// Actions that come several in a message.
    acts: Bucket,
    controls: Bucket,
    /// Whether the front has ended this: it is then owed no event.
    dismissed: bool,
}

/// A message on its way to the kernel.
struct Writing {
    /// None once the WebSocket has taken it.
    message: Option<Bytes>,
    /// Whether it says nothing of the world.
    is_notice: bool,
    begun: Moment,
    /// The actions that it answers.
    handed: Handed,
}

/// What can wake a connection.
enum Wake {
    Heard(Option<Result<Message, Error>>),
    Asked(Option<Outbound>),
    Written(Result<(), Error>),
    /// A message may no longer be written; true where some of it may be with the kernel already.
    Distrusted(bool),
    Check,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Open<'_, S> {
    /// Until it ends; `heard` is what it has said already.
    async fn carry(&mut self, heard: Option<Message>) -> Ending {
        if let Some(heard) = heard
            && let Err(ending) = self.hear(Some(Ok(heard))).await
        {
            return ending;
        }
        let mut check = tokio::time::interval(self.sockets.limits.check_every);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let wake = poll_fn(|cx| self.poll_wake(cx, &mut check)).await;
            let outcome = match wake {
                Wake::Heard(heard) => self.hear(heard).await,
                Wake::Asked(asked) => self.do_as_asked(asked),
                Wake::Written(Ok(())) => self.say_written().await,
                Wake::Written(Err(error)) => {
                    tracing::debug!(conn = self.conn.0, error = %error, "a write failed");
                    Err(Ending::Gone)
                }
                Wake::Distrusted(begun) => Err(self.distrusted(begun).await),
                Wake::Check => self.check_limits(clock::now()),
            };
            if let Err(ending) = outcome {
                return ending;
            }
        }
    }

    /// Writing comes first, so that a client that floods us is still told what it is owed.
    fn poll_wake(&mut self, cx: &mut Context<'_>, check: &mut Interval) -> Poll<Wake> {
        if let Some(writing) = &self.writing {
            // Asked at each attempt, and not only at the first: a blocked write may go on much later, in a process
            // that was stopped meanwhile.
            if !writing.is_notice && !self.ownership.trust.holds(clock::now()) {
                return Poll::Ready(Wake::Distrusted(writing.message.is_none()));
            }
            if let Poll::Ready(written) = self.poll_write(cx) {
                return Poll::Ready(Wake::Written(written));
            }
        } else if let Poll::Ready(asked) = self.outbound.poll_recv(cx) {
            return Poll::Ready(Wake::Asked(asked));
        }
        if check.poll_tick(cx).is_ready() {
            return Poll::Ready(Wake::Check);
        }
        self.socket.poll_next_unpin(cx).map(Wake::Heard)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let Some(writing) = &mut self.writing else { return Poll::Ready(Ok(())) };
        if writing.message.is_some() {
            ready!(self.socket.poll_ready_unpin(cx))?;
        }
        if let Some(message) = writing.message.take() {
            self.socket.start_send_unpin(Message::Binary(message))?;
        }
        self.socket.poll_flush_unpin(cx)
    }

    fn do_as_asked(&mut self, asked: Option<Outbound>) -> Result<(), Ending> {
        match asked {
            Some(Outbound::Message(message, handed)) => {
                self.write(message, false, handed);
                Ok(())
            }
            Some(Outbound::Notice(message)) => {
                self.write(message, true, Handed::default());
                Ok(())
            }
            Some(Outbound::Last(body)) => {
                self.dismissed = true;
                if tells_of_the_world(body.code) && !self.ownership.trust.holds(clock::now()) {
                    return Err(Ending::told(Code::NOT_OWNER, RETRY_MS));
                }
                Err(Ending::Told(body, close_code(body.code)))
            }
            Some(Outbound::Hangup) => {
                self.dismissed = true;
                Err(Ending::Silent)
            }
            // The hub has given the connection up, because it had no room for what the front wanted to say.
            None => Err(Ending::told(Code::SLOW_READER, RETRY_MS)),
        }
    }

    fn write(&mut self, message: Bytes, is_notice: bool, handed: Handed) {
        self.writing = Some(Writing { message: Some(message), is_notice, begun: clock::now(), handed });
    }

    async fn say_written(&mut self) -> Result<(), Ending> {
        if let Some(Writing { handed: Handed { answers, at }, .. }) = self.writing.take()
            && !answers.is_empty()
        {
            self.sockets.meter.written(&answers, at, clock::now());
        }
        tell(&self.ownership, self.sockets, FrontEvent::Written(self.conn)).await
    }

    /// Nothing of the world may be said any more. Where part of a message is with the kernel, the rest of it would
    /// have to go out before any error could: then the socket is dropped as it stands.
    async fn distrusted(&mut self, begun: bool) -> Ending {
        tracing::debug!(conn = self.conn.0, "the owner does not trust itself: a connection is closed");
        if begun {
            return Ending::Cut;
        }
        let last_word = async {
            loop {
                // Anything else is of the world, and will not be said.
                if let end @ (None | Some(Outbound::Last(_) | Outbound::Hangup)) = self.outbound.recv().await
                {
                    return end;
                }
            }
        };
        match tokio::time::timeout(LAST_WORD_WAIT, last_word).await {
            Ok(end @ Some(_)) => self.do_as_asked(end).err().unwrap_or(Ending::Cut),
            Ok(None) | Err(_) => Ending::told(Code::NOT_OWNER, RETRY_MS),
        }
    }

    /// What the WebSocket has begun goes out before any last word can. Where that tells of the world it goes out, as
    /// ever, only while the owner trusts itself: otherwise the socket is dropped as it stands.
    async fn finish_writing(&mut self, ending: Ending) -> Ending {
        let is_begun = |writing: &Writing| writing.message.is_none() && !writing.is_notice;
        if !self.writing.as_ref().is_some_and(is_begun) {
            return ending;
        }
        let finished = poll_fn(|cx| {
            if !self.ownership.trust.holds(clock::now()) {
                return Poll::Ready(false);
            }
            self.poll_write(cx).map(|written| written.is_ok())
        });
        match tokio::time::timeout(FAREWELL, finished).await {
            Ok(true) => ending,
            Ok(false) | Err(_) => Ending::Cut,
        }
    }

    async fn hear(&mut self, heard: Option<Result<Message, Error>>) -> Result<(), Ending> {
        let now = clock::now();
        match heard {
            Some(Ok(Message::Binary(frame))) => {
                self.heard = now;
                if self.frames.take(now).is_err() {
                    return Err(Ending::told(Code::TOO_MANY_MESSAGES, RETRY_MS));
                }
                match decode(&frame) {
                    Ok(ClientMessage::Hello(_)) => Err(Ending::told(Code::HELLO_REPEATED, 0)),
                    Ok(ClientMessage::Acts(acts)) if !self.may_ask_for(acts.len(), now) => {
                        Err(Ending::told(Code::TOO_MANY_MESSAGES, RETRY_MS))
                    }
                    Ok(message) => {
                        tell(&self.ownership, self.sockets, FrontEvent::Said(self.conn, message, now)).await
                    }
                    Err(_) => Err(Ending::told(Code::MALFORMED, 0)),
                }
            }
            Some(Ok(Message::Text(_))) => Err(Ending::told(Code::TEXT_FRAME, 0)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) if self.controls.take(now).is_ok() => Ok(()),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Err(Ending::control_flood()),
            Some(Ok(Message::Close(_) | Message::Frame(_))) | None => Err(Ending::Gone),
            Some(Err(error)) => Err(Ending::of_read(&error)),
        }
    }

    /// Whether so many actions may come in one message now.
    fn may_ask_for(&mut self, count: usize, now: Moment) -> bool {
        u32::try_from(count).is_ok_and(|count| self.acts.take_many(now, count).is_ok())
    }

    fn check_limits(&self, now: Moment) -> Result<(), Ending> {
        let limits = &self.sockets.limits;
        if self.writing.as_ref().is_some_and(|writing| now.since(writing.begun) >= limits.stall) {
            Err(Ending::Cut)
        } else if now.since(self.heard) >= limits.silence {
            Err(Ending::told(Code::SILENT, 0))
        } else if now >= self.expires {
            Err(Ending::told(Code::TOKEN_EXPIRED, 0))
        } else {
            Ok(())
        }
    }
}

/// Puts an event into the hub's queue, waiting for room.
async fn tell(ownership: &Ownership, sockets: &Sockets, event: FrontEvent) -> Result<(), Ending> {
    let put = ownership.hub.send(event).await;
    put.map_err(|_| Ending::told(sockets.entrance.why_over(), RETRY_MS))
}
