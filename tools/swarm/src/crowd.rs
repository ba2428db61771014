//! Makes characters and connects bots to them.

use std::time::Duration;

use anyhow::{Result, ensure};
use holdfast_client::{Client, ClientConfig, Observer};
use holdfast_protocol::{BuildId, ClientMessage, EntityId, Hello};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::http::{Api, bot_name};
use crate::stage::Stage;
use crate::world::{Bytes, World};

/// How many characters are asked for at once.
const CREATE_AT_ONCE: usize = 16;

/// How long bots may take until the world's state is with all of them.
const CONNECT_WAIT_MAX: Duration = Duration::from_secs(60);

/// A bot: a character and the client that plays it.
#[derive(Debug)]
pub struct Bot {
    /// The character.
    pub character: EntityId,
    /// Its client.
    pub client: Client<Bytes>,
}

/// Characters that nobody plays yet, and what is needed to play them.
#[derive(Clone)]
pub struct Crowd {
    address: String,
    build: BuildId,
    seed: u64,
    /// The characters and their tokens.
    characters: Vec<(EntityId, String)>,
}

impl Crowd {
    /// Makes so many characters, each of an account of its own where the stage can make accounts.
    ///
    /// # Errors
    /// Where the server refuses one.
    pub async fn gather(stage: &Stage, world: World, count: usize, seed: u64) -> Result<Self> {
        let api = stage.api()?;
        let run = rand::random::<u32>();
        let mut characters = Vec::with_capacity(count);
        for first in (0..count).step_by(CREATE_AT_ONCE) {
            let mut made = JoinSet::new();
            for number in first..count.min(first + CREATE_AT_ONCE) {
                let (api, token): (Api, String) = (api.clone(), stage.token(number));
                made.spawn(async move {
                    let name = bot_name(run, number);
                    let id = api.create_character(&token, &name, world.archetype()).await?;
                    anyhow::Ok((id, token))
                });
            }
            while let Some(character) = made.join_next().await {
                characters.push(character??);
            }
        }
        characters.sort_unstable();
        Ok(Self { address: stage.address()?, build: api.build().await?, seed, characters })
    }

    /// The characters from the one with this number on: they are no longer among these.
    #[must_use]
    pub fn split_off(&mut self, number: usize) -> Self {
        let characters = self.characters.split_off(number.min(self.characters.len()));
        Self { address: self.address.clone(), build: self.build, seed: self.seed, characters }
    }

    /// Keeps the first so many of whom `plays` is true, and leaves out the others.
    pub fn keep(&mut self, count: usize, mut plays: impl FnMut(EntityId) -> bool) {
        self.characters.retain(|(character, _)| plays(*character));
        self.characters.truncate(count);
    }

    /// Every other character: they are no longer among these. Neighbours are parted, so that in the ledger both parts have
    /// members in each group.
    #[must_use]
    pub fn split_every_other(&mut self) -> Self {
        let (mut kept, mut taken) = (Vec::new(), Vec::new());
        for (place, character) in self.characters.drain(..).enumerate() {
            if place % 2 == 0 { &mut kept } else { &mut taken }.push(character);
        }
        self.characters = kept;
        Self { address: self.address.clone(), build: self.build, seed: self.seed, characters: taken }
    }

    /// What each says first on a connection without manners.
    #[must_use]
    pub fn into_hellos(self) -> Vec<ClientMessage> {
        self.into_first_words().into_iter().map(ClientMessage::Hello).collect()
    }

    /// What each says first on any connection.
    #[must_use]
    pub fn into_first_words(self) -> Vec<Hello> {
        let hello = |(character, access_token)| Hello {
            build: self.build,
            access_token,
            character,
            resume: None,
            held: None,
            oldest_unanswered: None,
        };
        self.characters.into_iter().map(hello).collect()
    }

    /// The characters, in ascending order.
    pub fn ids(&self) -> impl Iterator<Item = EntityId> {
        self.characters.iter().map(|(id, _)| *id)
    }

    /// Connects a client to each, spread evenly over `spread`, and waits until the world's state is with all of them.
    ///
    /// # Errors
    /// Where it is not within a minute.
    pub async fn connect<O: Observer>(
        self,
        spread: Duration,
        mut observer: impl FnMut(usize, EntityId) -> O,
    ) -> Result<Vec<Bot>> {
        let count = u32::try_from(self.characters.len()).unwrap_or(u32::MAX).max(1);
        let mut bots = Vec::with_capacity(self.characters.len());
        for (number, (character, token)) in self.characters.into_iter().enumerate() {
            let config = ClientConfig {
                address: self.address.clone(),
                build: self.build,
                character,
                token: Box::new(move || token.clone()),
                kept: None,
                seed: self.seed ^ character.0,
            };
            let client = Client::connect(config, observer(number, character));
            bots.push(Bot { character, client });
            sleep(spread / count).await;
        }
        let mut absent = 0;
        let deadline = tokio::time::Instant::now() + CONNECT_WAIT_MAX;
        for bot in &bots {
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            if !bot.client.wait_playing(left).await {
                absent += 1;
            }
        }
        ensure!(absent == 0, "{absent} of {} bots did not get into the world", bots.len());
        Ok(bots)
    }
}
