//! What passes between a server and its connections, as sockets and their tasks would do it.

use bytes::Bytes;
use holdfast::hub::HubEvent;
use holdfast_front::{Conn, FrontEvent, HelloRequest};
use holdfast_protocol::{ClientMessage, Code, ErrorBody, ServerMessage, decode, encode};

use super::{Event, Simulation};
use crate::host::{HostEvent, State};
use crate::network::{Link, Outgoing, Parcel, ROOM};
use crate::player::PlayerEvent;
use crate::point::Point;

impl Simulation<'_> {
    /// All connections of a server's process.
    pub(super) fn links_of(&self, host: usize) -> Vec<usize> {
        let life = self.hosts[host].life;
        let is_its = |link: &Link| link.host == host && link.life == life && link.server_open;
        self.links.iter().enumerate().filter(|(_, link)| is_its(link)).map(|(number, _)| number).collect()
    }

    /// A message of a client has come.
    pub(super) fn heard(&mut self, host: usize, number: usize) {
        let Some(link) = self.links.get_mut(number) else { return };
        let Some(bytes) = link.up.pop_front() else { return };
        if !link.server_open {
            return;
        }
        self.trace.note_bytes(self.agenda.now(), "a server hears", number as u64, &bytes);
        let Ok(message) = decode::<ClientMessage>(&bytes) else {
            return self.fail("a client sent what cannot be read".to_owned());
        };
        let conn = Conn(number as u64 + 1);
        let event = match message {
            ClientMessage::Hello(hello) => {
                let code = match self.hosts[host].state {
                    State::Owning { .. } => None,
                    State::Reloading => Some(Code::WORLD_RELOADED),
                    State::Down | State::Standby | State::Loading { .. } => Some(Code::NOT_OWNER),
                };
                if let Some(code) = code {
                    return self.close_link(number, Some(ErrorBody::new(code, 0, 0)));
                }
                self.links[number].greeted = true;
                let account = self.players[self.links[number].client].account.clone();
                FrontEvent::Hello(
                    conn,
                    HelloRequest {
                        account,
                        character: hello.character,
                        resume: hello.resume,
                        held: hello.held,
                        oldest_unanswered: hello.oldest_unanswered,
                        heard: self.now(),
                    },
                )
            }
            message => FrontEvent::Said(conn, message, self.now()),
        };
        self.step_hub(host, HubEvent::Front(event));
    }

    /// The front has something to say to a connection.
    pub(super) fn send(&mut self, host: usize, conn: Conn, bytes: Bytes, is_notice: bool) {
        let Some(number) = link_of(conn) else { return };
        let Some(link) = self.links.get(number) else { return };
        let is_welcome = !is_notice && !link.welcomed;
        if is_welcome {
            self.pass(Point::BeforeWelcome, host);
        }
        // A process that was stopped just now has the message in its hands until it goes on.
        let server = &mut self.hosts[host];
        if server.process().is_none() {
            return;
        }
        if server.is_frozen {
            let effect = if is_notice {
                holdfast_front::FrontEffect::Notice(conn, bytes)
            } else {
                holdfast_front::FrontEffect::Send(conn, bytes, Vec::new())
            };
            server.outbox.push_front(holdfast::hub::HubEffect::Front(effect));
            return;
        }
        if !self.links[number].server_open {
            return;
        }
        let expected = if is_notice { None } else { self.expect_some(host, number, &bytes) };
        let outgoing = Outgoing { bytes, is_notice, expected };
        let link = &mut self.links[number];
        if link.down.len() >= ROOM {
            link.stuck = Some(outgoing);
            return;
        }
        self.write(host, number, outgoing);
    }

    /// A socket writes: right before that it asks whether the owner trusts itself.
    fn write(&mut self, host: usize, number: usize, outgoing: Outgoing) {
        let Outgoing { bytes, is_notice, expected } = outgoing;
        let now = self.now();
        let trusts = self.hosts[host].process().is_some_and(|process| process.trusts_itself(now));
        if !is_notice && !trusts {
            self.note("a socket distrusts its owner", number as u64, 0);
            self.close_link(number, Some(ErrorBody::new(Code::NOT_OWNER, 0, 0)));
            return self.server_loses(host, number);
        }
        self.trace.note_bytes(now, "a server writes", number as u64, &bytes);
        self.look_at(host, number, &bytes, is_notice);
        self.links[number].welcomed |= !is_notice;
        self.put_down(number, bytes, expected);
        self.step_hub(host, HubEvent::Front(FrontEvent::Written(Conn(number as u64 + 1))));
    }

    fn put_down(&mut self, number: usize, bytes: Bytes, expected: Option<Box<holdfast_client::WorldCopy>>) {
        let latency = self.latency(self.links[number].client);
        let link = &mut self.links[number];
        let arrives = (self.agenda.now() + latency).max(link.down_until);
        link.down_until = arrives;
        link.down.push_back(Parcel { arrives, bytes, expected });
        self.agenda.put_at(arrives, Event::Player(link.client, PlayerEvent::Arrived(number)));
    }

    /// A client has read: there is room for what could not be written.
    pub(super) fn drained(&mut self, host: usize, number: usize) {
        let link = &mut self.links[number];
        if !link.server_open || link.down.len() >= ROOM {
            return;
        }
        if let Some(outgoing) = link.stuck.take() {
            self.write(host, number, outgoing);
        }
    }

    /// The front ends a connection, with a last word or without.
    pub(super) fn close(&mut self, host: usize, conn: Conn, error: Option<ErrorBody>) {
        let Some(number) = link_of(conn) else { return };
        if self.links[number].server_open && self.links[number].host == host {
            if error.is_some_and(|error| error.code == Code::INTERNAL) {
                self.fail("a client was told of a fault of ours".to_owned());
            }
            self.close_link(number, error);
        }
    }

    /// The server's end of a connection closes, and the client hears of it.
    pub(super) fn close_link(&mut self, number: usize, error: Option<ErrorBody>) {
        let link = &mut self.links[number];
        if !link.server_open {
            return;
        }
        link.server_open = false;
        link.end_is_coming = true;
        self.note("a connection is closed", number as u64, error.map_or(0, |error| error.code.0.into()));
        let link = &mut self.links[number];
        // Behind what could not be written there is no last word.
        let is_stuck = link.stuck.take().is_some();
        if let Some(error) = error.filter(|_| !is_stuck) {
            self.put_down(number, encode(&ServerMessage::Error(error)).into(), None);
        }
        self.tell_end(number);
    }

    /// The server's end of a connection is gone. Silently: the client has to find that out.
    pub(super) fn sever(&mut self, number: usize, silent: bool) {
        let link = &mut self.links[number];
        link.server_open = false;
        link.stuck = None;
        if !silent {
            link.end_is_coming = true;
            self.tell_end(number);
        }
    }

    fn tell_end(&mut self, number: usize) {
        let latency = self.latency(self.links[number].client);
        let link = &mut self.links[number];
        let arrives = (self.agenda.now() + latency).max(link.down_until);
        link.down_until = arrives;
        self.agenda.put_at(arrives, Event::Player(link.client, PlayerEvent::LinkLost(number)));
    }

    /// A server finds a connection lost.
    pub(super) fn server_loses(&mut self, host: usize, number: usize) {
        let link = &mut self.links[number];
        let was_known = link.greeted;
        link.server_open = false;
        link.stuck = None;
        link.greeted = false;
        if was_known {
            self.step_hub(host, HubEvent::Front(FrontEvent::Lost(Conn(number as u64 + 1))));
        }
    }

    /// Word of a client's end reaches the server.
    pub(super) fn tell_server(&mut self, number: usize) {
        let latency = self.latency(self.links[number].client);
        let link = &self.links[number];
        let at = (self.agenda.now() + latency).max(link.up_until);
        self.agenda.put_at(at, Event::Host(link.host, link.life, HostEvent::LinkLost(number)));
    }
}

/// Connections are numbered from one.
pub(super) fn link_of(conn: Conn) -> Option<usize> {
    usize::try_from(conn.0).ok()?.checked_sub(1)
}
