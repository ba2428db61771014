//! What a rude client says once it is in: what it asks for honestly, and what must have no effect.

use holdfast_protocol::{ClientMessage, encode};

use super::super::Kind;
use super::super::tampering::act_in;
use super::Rude;

impl Rude {
    /// Asks for so many actions, and for what has no answer from before: all of it as an ordinary client would send it.
    pub(super) fn ask_honestly(&mut self, count: usize) -> Vec<Vec<u8>> {
        for _ in 0..count {
            let action = self.play.next_action(self.character, self.by_hand.core.copy(), &mut self.rng);
            let mut history = self.play.recorder.history();
            let invoked = history.stamp();
            if let Ok(name) = self.by_hand.core.act(action.bytes, &mut self.rng) {
                history.invoke(self.character, name, action.meaning, invoked);
            }
        }
        std::iter::from_fn(|| self.by_hand.next_own()).collect()
    }

    /// Sends an action, and expects its answer. A connection that is lost is noticed by whoever listens.
    pub(super) async fn send_action(&mut self, kind: Kind, bytes: Vec<u8>, is_too_fast: bool) {
        let Some(act) = act_in(&bytes) else {
            self.by_hand.say_bytes(bytes).await;
            return;
        };
        self.tally.sent(kind);
        self.model.sent(act.name, kind, is_too_fast);
        if matches!(kind, Kind::Honest | Kind::Reordered) {
            self.captured.keep(&act);
        }
        self.free = self.free.saturating_sub(1);
        self.by_hand.say_bytes(bytes).await;
    }

    pub(super) async fn send_tampered(&mut self, is_too_fast: bool) {
        let Some((kind, message)) = self.captured.tampered(&self.model, &mut self.rng) else { return };
        match message {
            ClientMessage::Act(_) => self.send_action(kind, encode(&message), is_too_fast).await,
            // A second snapshot would come two seconds after the first: no visit waits for it.
            _ if self.wished => {}
            wish => {
                self.wished = true;
                self.tally.sent(kind);
                self.model.wished();
                self.by_hand.say(&wish).await;
            }
        }
    }
}
