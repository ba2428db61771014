//! The hub's task: everything that decides in front of the world, and the ways in and out of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc as world_channel;
use std::time::Duration;

use holdfast_front::{FrontEffect, FrontEvent, Moment};
use tokio::sync::mpsc;

use super::BridgeEnd;
use super::world_thread::{Leash, WorldOutput};
use crate::clock;
use crate::http::readiness::{Readiness, ReadinessState};
use crate::hub::{Hub, HubEffect, HubEvent};
use crate::persistence::loader::CharacterLoader;
use crate::persistence::store::{StoreReply, StoreRequest};
use crate::persistence::writer::StopReason;
use crate::poison::Failure;
use crate::shutdown::Stop;
use crate::socket::connections::{Connections, Handed, Outbound};
use crate::socket::entrance::{Entrance, Standing};
use crate::telemetry::meter::Meter;
use crate::tick::{LoadRequest, TickOutput, WorldInput};

/// How long a drained server waits for its last flush.
const DRAIN_WAIT: Duration = Duration::from_secs(10);

/// How often the hub is told that time has passed, if the writer does not want to know it earlier.
const CLOCK_EVERY: Duration = Duration::from_millis(25);

/// The hub's task.
pub(super) struct HubTask {
    pub(super) hub: Hub,
    pub(super) connections: Arc<Connections>,
    pub(super) entrance: Arc<Entrance>,
    pub(super) loader: CharacterLoader,
    pub(super) readiness: Readiness,
    pub(super) meter: Arc<Meter>,
    pub(super) inputs: world_channel::SyncSender<WorldInput>,
    pub(super) loaded: mpsc::Sender<WorldInput>,
    pub(super) requests: mpsc::Sender<StoreRequest>,
    pub(super) leash: Arc<Leash>,
    pub(super) effects: Vec<HubEffect>,
}

impl HubTask {
    pub(super) async fn run(
        mut self,
        front_events: &mut mpsc::Receiver<FrontEvent>,
        mut world_outputs: mpsc::Receiver<WorldOutput>,
        mut world_loads: mpsc::Receiver<WorldInput>,
        replies: &mut mpsc::Receiver<StoreReply>,
        mut stop: Stop,
    ) -> BridgeEnd {
        let mut next_clock = clock::now();
        let mut drain_began = None;
        loop {
            // Commits first: they free the world and let out what waits.
            let event = tokio::select! {
                biased;
                reply = replies.recv() => match reply {
                    Some(reply) => HubEvent::Store(reply),
                    None => return BridgeEnd::PartLost,
                },
                output = world_outputs.recv() => match output {
                    Some(WorldOutput::Ticked(output)) => self.ticked(*output),
                    Some(WorldOutput::Failed(failure)) => return BridgeEnd::Failed(failure),
                    None => return BridgeEnd::PartLost,
                },
                () = stop.requested(), if drain_began.is_none() => {
                    drain_began = Some(clock::now());
                    self.entrance.set(Standing::Stopping);
                    HubEvent::Front(FrontEvent::Drain)
                }
                () = until(self.hub.wakes_at().map_or(next_clock, |at| at.min(next_clock))) => {
                    next_clock = clock::now() + CLOCK_EVERY;
                    HubEvent::Clock
                }
                Some(load) = world_loads.recv() => {
                    if let Err(end) = self.put_to_world(load) {
                        return *end;
                    }
                    continue;
                }
                Some(event) = front_events.recv() => HubEvent::Front(event),
            };
            self.hub.step(clock::now(), event, &mut self.effects);
            #[cfg(feature = "sabotage")]
            self.open_half(front_events).await;
            if let Err(end) = self.carry_out() {
                return *end;
            }
            self.leash.durable.store(self.hub.durable().0, Ordering::Release);
            self.leash.gate_full.store(self.hub.gate_is_full(), Ordering::Release);
            self.tell_readiness(drain_began.is_some());
            self.meter.levels(self.hub.front());
            if let Some(began) = drain_began {
                let waited = clock::now().since(began);
                // Two ticks see to it that the leaves of all sessions have been drained and collected.
                if waited > Duration::from_millis(200) && self.hub.is_settled() {
                    return BridgeEnd::Drained;
                }
                if waited > DRAIN_WAIT {
                    return BridgeEnd::DrainTimedOut;
                }
            }
        }
    }

    fn tell_readiness(&self, draining: bool) {
        let front = self.hub.front();
        self.readiness.set(if draining {
            ReadinessState::Stopping
        } else {
            ReadinessState::of_owner(front.stalled_for(clock::now()), front.has_room())
        });
    }

    /// Splits a tick's output: loads go to tasks of their own, the rest is the hub's.
    fn ticked(&self, output: TickOutput) -> HubEvent {
        for request in output.loads {
            self.load(request);
        }
        HubEvent::Ticked(output.changes, output.rows)
    }

    fn load(&self, request: LoadRequest) {
        let (loader, loaded, since) = (self.loader.clone(), self.loaded.clone(), self.hub.mark());
        tokio::spawn(async move {
            let LoadRequest { character, account, number: asked } = request;
            let load = loader.load(character, account, since).await;
            // Nobody minds where the world has come down meanwhile.
            let _ = loaded.send(WorldInput::Loaded { character, asked, load }).await;
        });
    }

    fn put_to_world(&self, input: WorldInput) -> Result<(), Box<BridgeEnd>> {
        match self.inputs.try_send(input) {
            Ok(()) => Ok(()),
            Err(world_channel::TrySendError::Full(_)) => Err(BridgeEnd::WorldQueueFull.into()),
            // The world's thread has ended: its last word, that a tick panicked, is on its way to us.
            Err(world_channel::TrySendError::Disconnected(_)) => Ok(()),
        }
    }

    fn carry_out(&mut self) -> Result<(), Box<BridgeEnd>> {
        let mut effects = std::mem::take(&mut self.effects);
        for effect in effects.drain(..) {
            match effect {
                HubEffect::Front(FrontEffect::Send(conn, bytes, answers)) => {
                    let handed = Handed::new(answers, clock::now());
                    self.connections.deliver(conn, Outbound::Message(bytes, handed));
                }
                HubEffect::Front(FrontEffect::Notice(conn, bytes)) => {
                    self.connections.deliver(conn, Outbound::Notice(bytes));
                }
                HubEffect::Front(FrontEffect::Close(conn, error)) => {
                    self.connections.deliver(conn, Outbound::Last(error));
                }
                HubEffect::Front(FrontEffect::Hangup(conn)) => {
                    self.connections.deliver(conn, Outbound::Hangup);
                }
                HubEffect::Front(FrontEffect::World(event)) => {
                    self.put_to_world(WorldInput::Event(event))?;
                }
                HubEffect::Front(FrontEffect::Measured(measurement)) => self.meter.front(measurement),
                HubEffect::Measured(measurement) => self.meter.flush(measurement),
                HubEffect::Store(request) => {
                    if self.requests.try_send(request).is_err() {
                        unreachable!("the writer has one request under way at most");
                    }
                }
                HubEffect::Stop(StopReason::Refused { error, actions }) => {
                    return Err(BridgeEnd::Failed(Failure::Refused { error, actions }).into());
                }
                HubEffect::Stop(reason) => return Err(BridgeEnd::Stopped(reason).into()),
            }
        }
        // The room is kept for the next time.
        self.effects = effects;
        Ok(())
    }
}

/// Comes back at that moment; at once where it is over, however often this is begun anew.
async fn until(moment: Moment) {
    let left = moment.since(clock::now());
    if !left.is_zero() {
        tokio::time::sleep(left).await;
    }
}
