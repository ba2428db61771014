//! A world that failed is loaded anew within its process, as `serve` does it.

use holdfast::Game;
use holdfast::persistence::writer::StopReason;
use holdfast::poison::{Failure, Judgement};
use holdfast_client::ClientEvent;
use holdfast_protocol::{Code, ErrorBody};

use super::{Player, Sim, TICK, boot};

impl<G: Game> Sim<G> {
    /// Whether the world has failed: a tick has panicked, or the writer has stopped. It does nothing any more then.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.panicked.is_some() || self.stopped.is_some()
    }

    /// Has the guard judge the failure. Where it says so, the world in memory dies, everybody hears `world_reloaded` as
    /// the last word on their connection, and the world is loaded under a new epoch.
    ///
    /// # Panics
    /// Where the world has not failed, or in a way that loading it anew does not mend.
    pub fn reload(&mut self) -> Judgement {
        let failure = match (self.panicked.take(), self.stopped.take()) {
            (Some(failure), _) => failure,
            (None, Some(StopReason::Refused { error, actions })) => Failure::Refused { error, actions },
            (None, other) => panic!("there is nothing to reload for: {other:?}"),
        };
        let judgement = self.guard.judge(self.now, failure);
        if judgement == Judgement::Reload {
            let told = ErrorBody::new(Code::WORLD_RELOADED, 0, 0);
            for (_, player) in std::mem::take(&mut self.by_conn) {
                self.people[player.0].events.push(ClientEvent::Closed(told));
                self.apart(player);
            }
            self.now = self.now + TICK;
            self.process =
                boot::<G>(&mut self.store, self.build, &mut self.rng, self.now, self.guard.watchlist());
        }
        judgement
    }

    /// Everybody who has no connection opens one.
    pub fn connect_all(&mut self) {
        for index in 0..self.people.len() {
            if self.people[index].conn.is_none() {
                self.connect(Player(index));
            }
        }
    }
}
