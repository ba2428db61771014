//! One who reads, stops, and reads again.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use holdfast_client::{ClientCore, ClientEvent};
use holdfast_protocol::{ClientMessage, Code, Hello, ResyncKind, ServerMessage, Tick};
use tokio::time::Instant;

use crate::by_hand::{self, ByHand};
use crate::narrow;

/// A world that can write says something at least once a second. A frame that spans more ticks was held up.
const SECOND_TICKS: u64 = 20;

/// How long a tick lasts.
const TICK: Duration = Duration::from_millis(50);

/// How long the present may take to come, and a welcome.
const WAIT_MAX: Duration = Duration::from_secs(15);

/// One who can stop reading.
pub(super) struct Listener {
    by_hand: ByHand,
    address: String,
    /// A tick of the world, and when it was heard of: from it follows about which one is the present. Of all that were
    /// heard, the one that came the soonest: what lay in a buffer came late.
    clock: Option<(Tick, Instant)>,
}

/// What somebody heard who read again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Frames that the kernel had kept, or that are as small as ever.
    pub small_frames: usize,
    /// Frames that span more than a second: the server could not write for so long, and everything is in one.
    pub coalesced_frames: usize,
    /// How many ticks the largest of them spans.
    pub span_ticks: u64,
    /// Whether the connection had ended meanwhile.
    pub was_cut: bool,
    /// What it was told at that end, where it was told anything.
    pub told: Option<Code>,
    /// What the next connection brought first, where there was one.
    pub resync: Option<ResyncKind>,
    /// Whether it got to the present.
    pub is_current: bool,
    /// How often its copy went wrong.
    pub divergence_count: u64,
}

impl Listener {
    pub(super) fn new(hello: Hello, address: String) -> Self {
        Self { by_hand: ByHand::new(hello), address, clock: None }
    }

    /// Connects, with its session where it has one, and is welcomed.
    pub(super) async fn enter(&mut self) -> Result<ResyncKind> {
        self.by_hand.take(narrow::open(&self.address).await?);
        let hello = self.by_hand.hello()?;
        ensure!(self.by_hand.say(&ClientMessage::Hello(hello)).await, "the server takes a hello");
        loop {
            match self.by_hand.hear(WAIT_MAX).await? {
                by_hand::Heard::Message(message, _) => match *message {
                    ServerMessage::Welcome(welcome) => return Ok(welcome.resync),
                    ServerMessage::Error(error) => bail!("a listener is not let in: {}", error.code),
                    _ => {}
                },
                by_hand::Heard::Over | by_hand::Heard::Nothing => bail!("a listener is not welcomed"),
            }
        }
    }

    /// Reads until then, and echoes what it applied.
    pub(super) async fn listen_until(&mut self, until: Instant) -> Result<()> {
        let mut heard = Heard::default();
        while Instant::now() < until {
            if self.hear(until, &mut heard).await?.is_none() {
                bail!("the connection of one who reads has ended");
            }
        }
        ensure!(self.clock.is_some(), "a listener sees the world");
        Ok(())
    }

    /// Reads again, until it is at the present. Where its connection has ended meanwhile, it comes back.
    pub(super) async fn wake(&mut self) -> Result<Heard> {
        let mut heard = Heard::default();
        let deadline = Instant::now() + WAIT_MAX;
        while !heard.is_current && Instant::now() < deadline {
            let Some(tick) = self.hear(deadline, &mut heard).await? else {
                ensure!(!heard.was_cut, "one who came back is cut off again");
                heard.was_cut = true;
                self.by_hand.hang_up();
                heard.resync = Some(self.enter().await?);
                continue;
            };
            heard.is_current = tick.is_some_and(|tick| self.is_present(tick));
        }
        heard.divergence_count = self.by_hand.core.divergence_count();
        Ok(heard)
    }

    /// About the tick that the world is at; none before one was heard of.
    fn present(&self) -> Option<Tick> {
        self.clock.map(|(tick, at)| {
            let since = u64::try_from(at.elapsed().as_millis() / TICK.as_millis()).unwrap_or(u64::MAX);
            Tick(tick.0.saturating_add(since))
        })
    }

    /// Whether that is the present, or as good as: it may be late by a second, and so may we.
    fn is_present(&self, tick: Tick) -> bool {
        self.present().is_some_and(|present| tick.0 + SECOND_TICKS >= present.0)
    }

    /// Hears one message. The tick that its copy is at, where it is at a new one; nothing where the connection is over.
    async fn hear(&mut self, until: Instant, heard: &mut Heard) -> Result<Option<Option<Tick>>> {
        let wait = until.saturating_duration_since(Instant::now());
        let (message, events) = match self.by_hand.hear(wait).await? {
            by_hand::Heard::Message(message, events) => (message, events),
            by_hand::Heard::Over => return Ok(None),
            by_hand::Heard::Nothing => return Ok(Some(None)),
        };
        if let ServerMessage::Error(error) = *message {
            heard.told = Some(error.code);
            return Ok(None);
        }
        let tick = events.iter().find_map(|event| match event {
            ClientEvent::Updated(token) => Some(token.tick),
            _ => None,
        });
        if let Some(tick) = tick {
            heard.frame(&self.by_hand.core, tick);
            if self.present().is_none_or(|present| tick > present) {
                self.clock = Some((tick, Instant::now()));
            }
        }
        // What cannot be sent shows when it is read on.
        while let Some(bytes) = self.by_hand.next_own() {
            self.by_hand.say_bytes(bytes).await;
        }
        Ok(Some(tick))
    }
}

impl Heard {
    fn frame(&mut self, core: &ClientCore, tick: Tick) {
        let span = core.copy().base().map_or(0, |from| tick.since(from.tick));
        self.span_ticks = span.max(self.span_ticks);
        if span > SECOND_TICKS { self.coalesced_frames += 1 } else { self.small_frames += 1 }
    }
}
