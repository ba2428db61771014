//! A death while the gate stands half open. Compiled with the feature `sabotage` alone.

use std::sync::atomic::Ordering;
use std::time::Duration;

use holdfast_front::failpoint::{Failpoint::GateHalfOpen, hit, is_armed};
use holdfast_front::{FrontEffect, FrontEvent};
use rand::RngExt as _;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::hub_task::HubTask;
use crate::clock;
use crate::hub::{HubEffect, HubEvent};
use crate::socket::connections::{Handed, Outbound};

/// How long the first sockets may take. One of a client that does not read takes for ever: then it is tried again when
/// the gate opens next.
const WRITTEN_WAIT: Duration = Duration::from_millis(250);

impl HubTask {
    /// Where the gate has just opened for several sessions, and the point is armed: gives some of them their frames
    /// before the rest, and comes by the point as soon as these are with the kernel.
    pub(super) async fn open_half(&mut self, front_events: &mut mpsc::Receiver<FrontEvent>) {
        let is_frame = |effect: &HubEffect| matches!(effect, HubEffect::Front(FrontEffect::Send(..)));
        let has_opened = self.hub.durable().0 > self.leash.durable.load(Ordering::Acquire);
        let frame_count = self.effects.iter().filter(|effect| is_frame(effect)).count();
        if !has_opened || frame_count < 2 || !is_armed(GateHalfOpen) {
            return;
        }
        let first_count = rand::rng().random_range(1..frame_count);
        let mut unwritten = Vec::with_capacity(first_count);
        for effect in self.effects.extract_if(.., |effect| is_frame(effect)).take(first_count) {
            if let HubEffect::Front(FrontEffect::Send(conn, bytes, answers)) = effect {
                self.connections.deliver(conn, Outbound::Message(bytes, Handed::new(answers, clock::now())));
                unwritten.push(conn);
            }
        }
        let written = async {
            while !unwritten.is_empty() {
                let Some(event) = front_events.recv().await else { return };
                if let FrontEvent::Written(conn) = event {
                    unwritten.retain(|one| *one != conn);
                }
                self.hub.step(clock::now(), HubEvent::Front(event), &mut self.effects);
            }
        };
        if timeout(WRITTEN_WAIT, written).await.is_ok() {
            hit(GateHalfOpen);
        }
    }
}
