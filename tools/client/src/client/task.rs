//! The task behind a [`super::Client`]: connects, drives the core, and connects again.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use holdfast_protocol::ErrorBody;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::{Observer, SETTLED_MAX, Settled, Shared, TokenSource, lock};
use crate::addresses::Addresses;
use crate::backoff::{Backoff, Retry};
use crate::connection::{Connection, Incoming};
use crate::event::{ClientEvent, Ending, LostCause};

/// How a connection ended.
enum End {
    /// The socket is of no use any more; with the server's last word, where there was one.
    Lost(Option<ErrorBody>),
    /// Nobody wants a connection at the moment.
    Offline,
    /// The player left.
    Left,
}

pub(super) struct Task {
    addresses: Addresses,
    token: TokenSource,
    shared: Arc<Mutex<Shared>>,
    woken: watch::Receiver<()>,
    tell: watch::Sender<()>,
    observer: Box<dyn Observer>,
    backoff: Backoff,
    start: Instant,
}

impl Task {
    pub(super) fn new(
        address: &str,
        token: TokenSource,
        shared: Arc<Mutex<Shared>>,
        woken: watch::Receiver<()>,
        tell: watch::Sender<()>,
        observer: Box<dyn Observer>,
    ) -> Self {
        let start = Instant::now();
        let (addresses, backoff) = (Addresses::new(address), Backoff::default());
        Self { addresses, token, shared, woken, tell, observer, backoff, start }
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    pub(super) async fn run(mut self) {
        let ending = loop {
            if !self.wait_for_network().await {
                return;
            }
            let end = self.one_connection().await;
            let events = lock(&self.shared).core.disconnected();
            self.told(events);
            let error = match end {
                End::Left => break Ending::Left,
                End::Offline => continue,
                End::Lost(error) => error,
            };
            if lock(&self.shared).leaving {
                break Ending::Left;
            }
            let retry = {
                let now = self.now();
                let turn = self.addresses.lost(now, error.as_ref());
                let mut shared = lock(&self.shared);
                self.backoff.lost(now, error.as_ref(), turn, &mut shared.rng)
            };
            match (retry, error) {
                (Retry::At(at), _) => self.wait_or_woken_until(at).await,
                (Retry::Terminal, Some(error)) => break Ending::Refused(error),
                (Retry::Terminal | Retry::LimitReached, _) => break Ending::RetryLimitReached,
            }
        };
        lock(&self.shared).ending = Some(ending);
        self.told(vec![ClientEvent::Ended(ending)]);
    }

    /// False where the handle is gone.
    async fn wait_for_network(&mut self) -> bool {
        loop {
            self.woken.mark_unchanged();
            {
                let shared = lock(&self.shared);
                if shared.online || shared.leaving {
                    return true;
                }
            }
            if self.woken.changed().await.is_err() {
                return false;
            }
        }
    }

    /// Actions that are made meanwhile do not cut the wait short; going offline and leaving do.
    async fn wait_or_woken_until(&mut self, at: Duration) {
        let at = self.start + at;
        loop {
            {
                let shared = lock(&self.shared);
                if !shared.online || shared.leaving {
                    return;
                }
            }
            tokio::select! {
                () = sleep_until(at) => return,
                woken = self.woken.changed() => if woken.is_err() { return },
            }
        }
    }

    async fn one_connection(&mut self) -> End {
        if lock(&self.shared).leaving {
            return End::Left;
        }
        let (wait, now) = (self.addresses.open_wait(), self.now());
        let address = self.addresses.choose(now);
        let Ok(mut connection) = Connection::open_within(wait, address).await else {
            self.told(vec![ClientEvent::Lost(LostCause::Socket)]);
            return End::Lost(None);
        };
        let token = (self.token)();
        let (resumes, hello) = {
            let mut shared = lock(&self.shared);
            shared.cut = false;
            (shared.core.resumes(), shared.core.hello(self.now(), token))
        };
        self.told(vec![ClientEvent::Greeted { resumes }]);
        if connection.send(hello).await.is_err() {
            return End::Lost(None);
        }
        let end = self.converse(&mut connection).await;
        match end {
            End::Left => connection.close().await,
            End::Lost(_) | End::Offline => drop(connection),
        }
        end
    }

    async fn converse(&mut self, connection: &mut Connection) -> End {
        loop {
            self.woken.mark_unchanged();
            if let Some(end) = self.send_all(connection).await {
                return end;
            }
            let wake_at = lock(&self.shared).core.wake_at().unwrap_or_default();
            tokio::select! {
                incoming = connection.receive() => {
                    let events = match incoming {
                        Ok(Incoming::Binary(bytes)) => {
                            let now = self.now();
                            let mut shared = lock(&self.shared);
                            let count = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                            shared.bytes_received = shared.bytes_received.saturating_add(count);
                            shared.core.receive(now, &bytes)
                        }
                        Ok(Incoming::Text(_)) => vec![ClientEvent::Lost(LostCause::Protocol)],
                        Ok(Incoming::Close) | Err(_) => vec![ClientEvent::Lost(LostCause::Socket)],
                    };
                    if let Some(end) = self.told(events) {
                        return end;
                    }
                }
                woken = self.woken.changed() => if woken.is_err() { return End::Offline },
                () = sleep_until(self.start + wake_at) => {
                    let now = self.now();
                    let event = lock(&self.shared).core.clock(now);
                    if let Some(end) = self.told(event.into_iter().collect()) {
                        return end;
                    }
                }
            }
        }
    }

    async fn send_all(&mut self, connection: &mut Connection) -> Option<End> {
        loop {
            let (message, is_cut) = {
                let now = self.now();
                let mut shared = lock(&self.shared);
                if !shared.online {
                    return Some(End::Offline);
                }
                let message = shared.core.next_send(now);
                if message.is_none() && shared.leaving {
                    return Some(End::Left);
                }
                (message, std::mem::take(&mut shared.cut))
            };
            if is_cut {
                return self.told(vec![ClientEvent::Lost(LostCause::Socket)]);
            }
            let message = message?;
            if connection.send(message).await.is_err() {
                self.told(vec![ClientEvent::Lost(LostCause::Socket)]);
                return Some(End::Lost(None));
            }
        }
    }

    /// Notes events down and tells them on; says so where one of them ends the connection.
    fn told(&mut self, events: Vec<ClientEvent>) -> Option<End> {
        if events.is_empty() {
            return None;
        }
        let mut end = None;
        let mut shared = lock(&self.shared);
        for event in events {
            let settled = match &event {
                ClientEvent::Welcomed(_) => {
                    shared.welcome_count += 1;
                    self.backoff.welcomed();
                    self.addresses.welcomed(shared.core.addresses());
                    None
                }
                ClientEvent::Verdict(verdict) => Some((verdict.action, Settled::Verdict(*verdict))),
                ClientEvent::GaveUp(gone) => Some((gone.action, Settled::GivenUp(gone.code))),
                ClientEvent::Closed(error) => {
                    end = Some(End::Lost(Some(*error)));
                    None
                }
                ClientEvent::Lost(_) => {
                    end = Some(End::Lost(None));
                    None
                }
                _ => None,
            };
            if let Some(settled) = settled {
                if shared.settled.len() >= SETTLED_MAX {
                    shared.settled.pop_front();
                }
                shared.settled.push_back(settled);
            }
            self.observer.saw(&event, shared.core.copy());
        }
        drop(shared);
        self.tell.send_replace(());
        end
    }
}
