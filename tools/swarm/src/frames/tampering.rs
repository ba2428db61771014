//! Makes frames that must have no effect, from frames that once had one.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use holdfast_protocol::{
    Act, ActionName, Applied, ClientMessage, EntityId, Nonce, Resync, Seq, Tick, decode, encode,
};
use ledger::action::Verb;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use rand::{Rng as _, RngExt as _};

use super::Kind;
use super::model::Model;

/// How many frames of one client are kept: more than a character's verdicts that a world keeps.
const CAPTURED_MAX: usize = 256;

/// How many frames of everybody are kept.
const OVERHEARD_MAX: usize = 1_024;

/// How often something is tried to make of a frame what is wanted of it.
const TRIES_MAX: usize = 32;

/// Of which kinds a frame in the middle of a visit is, and how often of each.
const MIX: [(Kind, u32); 8] = [
    (Kind::Duplicated, 15),
    (Kind::Replayed, 20),
    (Kind::Gap, 15),
    (Kind::OtherNonce, 15),
    (Kind::Expired, 10),
    (Kind::Foreign, 15),
    (Kind::Changed, 9),
    (Kind::Resync, 1),
];

/// What was overheard of all rude clients: whose it was, and its bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Overheard(Arc<Mutex<VecDeque<(EntityId, Act)>>>);

/// What one client has sent honestly, over all of its connections.
#[derive(Clone, Debug)]
pub(super) struct Captured {
    character: EntityId,
    own: VecDeque<Act>,
    overheard: Overheard,
}

impl Captured {
    pub(super) fn new(character: EntityId, overheard: Overheard) -> Self {
        Self { character, own: VecDeque::new(), overheard }
    }

    /// An honest action was sent.
    pub(super) fn keep(&mut self, act: &Act) {
        push(&mut self.own, act.clone(), CAPTURED_MAX);
        let mut overheard = self.overheard.0.lock().unwrap_or_else(PoisonError::into_inner);
        push(&mut overheard, (self.character, act.clone()), OVERHEARD_MAX);
    }

    fn foreign(&self, rng: &mut StdRng) -> Option<Act> {
        let overheard = self.overheard.0.lock().unwrap_or_else(PoisonError::into_inner);
        overheard.iter().filter(|(whose, _)| *whose != self.character).choose(rng).map(|(_, act)| act.clone())
    }

    /// A frame that must have no effect, and of what kind it is; none where too little was captured yet.
    pub(super) fn tampered(&self, model: &Model, rng: &mut StdRng) -> Option<(Kind, ClientMessage)> {
        let kind = lot(rng);
        let captured = self.own.iter().choose(rng)?.clone();
        let random = rng.next_u32();
        let named = |seq, nonce| ActionName { seq, nonce: Nonce(nonce) };
        let other_name = |name| ClientMessage::Act(Act { name, action: captured.action.clone() });
        let message = match kind {
            Kind::Duplicated => ClientMessage::Act(self.own.back()?.clone()),
            Kind::Replayed => ClientMessage::Act(captured),
            Kind::Gap => {
                let ahead = if rng.random_ratio(1, 8) {
                    u64::MAX
                } else {
                    model.next().0.saturating_add(u64::from(random % 1_000 + 1))
                };
                other_name(named(Seq(ahead), random))
            }
            Kind::OtherNonce => {
                let kept = model.kept(rng.random_range(0..64))?;
                other_name(named(kept.seq, kept.nonce.0 ^ random.max(1)))
            }
            Kind::Expired => {
                let newest = model.newest_expired().0;
                other_name(named(Seq(rng.random_range(0..=newest)), random))
            }
            Kind::Foreign => ClientMessage::Act(self.foreign(rng)?),
            Kind::Changed => changed(&encode(&ClientMessage::Act(captured)), rng)?,
            _ => ClientMessage::Resync(Resync { tick: Tick(rng.next_u64()) }),
        };
        has_no_effect(&message, model).then_some((kind, message))
    }

    /// Bytes that once were a frame, and that nobody can read.
    pub(super) fn unreadable(&self, rng: &mut StdRng) -> Option<Vec<u8>> {
        let frame = encode(&ClientMessage::Act(self.own.iter().choose(rng)?.clone()));
        (0..TRIES_MAX).map(|_| spoilt(&frame, rng)).find(|bytes| !is_readable(bytes))
    }
}

/// A word that a tick was applied which was never sent.
pub(super) fn never_applied(rng: &mut StdRng) -> ClientMessage {
    ClientMessage::Applied(Applied { tick: Tick(rng.next_u64()) })
}

fn push<T>(kept: &mut VecDeque<T>, one: T, most: usize) {
    if kept.len() >= most {
        kept.pop_front();
    }
    kept.push_back(one);
}

fn lot(rng: &mut StdRng) -> Kind {
    let mut left = rng.random_range(0..MIX.iter().map(|(_, weight)| weight).sum());
    for (kind, weight) in MIX {
        if left < weight {
            return kind;
        }
        left -= weight;
    }
    Kind::Resync
}

/// The next action is nobody's but the honest part's: whatever else happens to look like it is not sent.
fn has_no_effect(message: &ClientMessage, model: &Model) -> bool {
    !matches!(message, ClientMessage::Act(act) if act.name.seq == model.next())
}

/// An action of which bytes were changed, and that can still be read as one.
fn changed(frame: &[u8], rng: &mut StdRng) -> Option<ClientMessage> {
    (0..TRIES_MAX).find_map(|_| {
        let bytes = spoilt(frame, rng);
        let message = decode::<ClientMessage>(&bytes).ok().filter(|_| is_readable(&bytes))?;
        // What else a changed byte may make of it (a leave, an echo) is no action.
        matches!(message, ClientMessage::Act(_)).then_some(message)
    })
}

/// Whether a server can read it: the message, and the action in it.
fn is_readable(bytes: &[u8]) -> bool {
    match decode::<ClientMessage>(bytes) {
        Ok(ClientMessage::Act(act)) => decode::<Verb>(&act.action.0).is_ok(),
        Ok(_) => true,
        Err(_) => false,
    }
}

/// Bytes with one to four of them changed, or with some cut off, or with more of them.
fn spoilt(frame: &[u8], rng: &mut StdRng) -> Vec<u8> {
    let mut bytes = frame.to_vec();
    match rng.random_range(0..10) {
        0 => bytes.truncate(rng.random_range(0..frame.len().max(1))),
        1 => bytes.extend((0..rng.random_range(1..16)).map(|_| rng.random::<u8>())),
        _ => {
            for _ in 0..rng.random_range(1..=4) {
                let place = rng.random_range(0..bytes.len().max(1));
                if let Some(byte) = bytes.get_mut(place) {
                    *byte ^= rng.random_range(1..=u8::MAX);
                }
            }
        }
    }
    bytes
}

/// The bytes of an action.
pub(super) fn act_in(bytes: &[u8]) -> Option<Act> {
    match decode(bytes) {
        Ok(ClientMessage::Act(act)) => Some(act),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use holdfast_protocol::Blob;
    use ledger::action::Transfer;
    use rand::SeedableRng as _;

    use super::*;

    fn act(seq: u64) -> Act {
        let give = Verb::Transfer(Transfer { to: EntityId(3), amount: 5 });
        Act { name: ActionName { seq: Seq(seq), nonce: Nonce(7) }, action: Blob(encode(&give)) }
    }

    #[test]
    fn every_kind_is_made_and_none_of_it_is_the_next_action() {
        let overheard = Overheard::default();
        Captured::new(EntityId(3), overheard.clone()).keep(&act(90));
        let (mut captured, mut model) = (Captured::new(EntityId(1), overheard), Model::default());
        for seq in 1..=80 {
            captured.keep(&act(seq));
            model.sent(act(seq).name, Kind::Honest, false);
        }
        let mut rng = StdRng::seed_from_u64(1);
        let mut kinds = BTreeSet::new();
        for _ in 0..2_000 {
            let Some((kind, message)) = captured.tampered(&model, &mut rng) else { continue };
            kinds.insert(kind);
            assert!(is_readable(&encode(&message)));
            if let ClientMessage::Act(act) = message {
                assert_ne!(act.name.seq, Seq(81));
            }
        }
        assert_eq!(kinds, MIX.map(|(kind, _)| kind).into());
        for _ in 0..100 {
            assert!(!is_readable(&captured.unreadable(&mut rng).unwrap()));
        }
    }
}
