//! The players' port on the loopback, with the test as its hub.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{SinkExt, StreamExt};
use holdfast::ContentFile;
use holdfast::auth::Auth;
use holdfast::clock;
use holdfast::config::{Addresses, DoorConfig};
use holdfast::http::characters::{CharacterCreated, CharacterError, CharacterStore, CharacterSummary};
use holdfast::http::listen::ConnectionLimits;
use holdfast::http::liveness::Pulse;
use holdfast::http::readiness::Readiness;
use holdfast::http::site::page::Page;
use holdfast::http::site::{SignIn, Site, SiteParts};
use holdfast::http::{self, PlayerPort};
use holdfast::shutdown::{self, StopTrigger};
use holdfast::socket::admission::Admission;
use holdfast::socket::connections::Connections;
use holdfast::socket::entrance::{Entrance, Ownership, Standing};
use holdfast::socket::{Door, SocketLimits, Sockets};
use holdfast::telemetry::meter::Meter;
use holdfast_front::{Account, Conn, FrontEvent, Trust};
use holdfast_protocol::{BuildId, ClientMessage, EntityId, ErrorBody, Hello, ServerMessage, decode, encode};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::issuer::TestIssuer;

/// Longer than anything here takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const BUILD: BuildId = BuildId([7; 16]);

/// Where the toy world's servers are reached: this one by its page's name, and another.
pub(crate) const ADDRESSES: &str = "wss://play.example/ws,wss://b.example:8443/ws";

/// The bytes of the content file `terrain`.
pub(crate) const CONTENT: &[u8] = &[2, 0, 1, 0, 0x81, 0x05];

/// What a test wants to be different.
pub(crate) struct Setup {
    pub(crate) limits: SocketLimits,
    pub(crate) door: DoorConfig,
    pub(crate) hub_room: usize,
    pub(crate) connections: ConnectionLimits,
    pub(crate) page: Option<Page>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            limits: SocketLimits { check_every: Duration::from_millis(20), ..SocketLimits::default() },
            door: DoorConfig {
                origins: vec!["https://play.example".to_owned()],
                native_clients: true,
                unidentified: 256,
                unidentified_per_address: 256,
                connects_per_address: 256,
            },
            hub_room: 64,
            connections: ConnectionLimits { total_max: 64, asking_per_address_max: 64 },
            page: None,
        }
    }
}

pub(crate) struct Edge {
    pub(crate) address: SocketAddr,
    pub(crate) issuer: TestIssuer,
    pub(crate) trust: Arc<Trust>,
    pub(crate) entrance: Arc<Entrance>,
    pub(crate) connections: Arc<Connections>,
    pub(crate) readiness: Readiness,
    pub(crate) pulse: Pulse,
    pub(crate) hub: mpsc::Receiver<FrontEvent>,
    pub(crate) stop: StopTrigger,
}

pub(crate) type Client = WebSocketStream<TcpStream>;

impl Edge {
    pub(crate) async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    pub(crate) async fn with(setup: Setup) -> Self {
        let issuer = TestIssuer::start().await;
        let trust = Arc::new(Trust::default());
        trust.extend(clock::now() + Duration::from_secs(3_600));
        let connections = Arc::new(Connections::default());
        let (sender, hub) = mpsc::channel(setup.hub_room);
        let entrance = Arc::new(Entrance::default());
        entrance.set(Standing::Owner(Ownership { hub: sender, trust: trust.clone() }));
        let sockets = Arc::new(Sockets {
            build: BUILD,
            auth: Arc::new(Auth::new(&issuer.config()).unwrap()),
            entrance: entrance.clone(),
            connections: connections.clone(),
            admission: Admission::new(&setup.door),
            door: Door::new(&setup.door),
            limits: setup.limits,
            meter: Arc::new(Meter::new([], &[])),
        });
        let readiness = Readiness::default();
        let characters = Arc::new(MemoryCharacters::default());
        let site = Arc::new(Site::new(site(&issuer, &setup.door, setup.page)).unwrap());
        let pulse = Pulse::default();
        let router = http::router(PlayerPort {
            sockets,
            characters,
            readiness: readiness.clone(),
            pulse: pulse.clone(),
            site,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (trigger, stop) = shutdown::channel();
        tokio::spawn(http::listen::serve(listener, router, setup.connections, stop));
        Self { address, issuer, trust, entrance, connections, readiness, pulse, hub, stop: trigger }
    }

    /// A socket that has not said anything.
    pub(crate) async fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (client, _) =
            tokio_tungstenite::client_async(format!("ws://{}/ws", self.address), stream).await.unwrap();
        client
    }

    pub(crate) fn hello(&self) -> Hello {
        Hello {
            build: BUILD,
            access_token: self.issuer.token(),
            character: EntityId(11),
            resume: None,
            held: None,
            oldest_unanswered: None,
        }
    }

    /// A socket whose Hello has reached the hub.
    pub(crate) async fn join(&mut self) -> (Client, Conn) {
        let mut client = self.connect().await;
        say(&mut client, &ClientMessage::Hello(self.hello())).await;
        match self.heard().await {
            FrontEvent::Hello(conn, _) => (client, conn),
            other => panic!("{other:?}"),
        }
    }

    /// The world was loaded anew: there is another hub, with a trust of its own. Hands out what the old one would hear.
    pub(crate) fn load_anew(&mut self) -> mpsc::Receiver<FrontEvent> {
        let (sender, hub) = mpsc::channel(64);
        self.trust = Arc::new(Trust::default());
        self.trust.extend(clock::now() + Duration::from_secs(3_600));
        self.entrance.set(Standing::Owner(Ownership { hub: sender, trust: self.trust.clone() }));
        std::mem::replace(&mut self.hub, hub)
    }

    /// What the hub hears next.
    pub(crate) async fn heard(&mut self) -> FrontEvent {
        tokio::time::timeout(PATIENCE, self.hub.recv()).await.expect("something happens").unwrap()
    }

    /// Nothing has reached the hub.
    pub(crate) fn assert_hub_heard_nothing(&mut self) {
        assert!(self.hub.try_recv().is_err());
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// A world with one file of content, at a provider with one endpoint elsewhere.
fn site(issuer: &TestIssuer, door: &DoorConfig, page: Option<Page>) -> SiteParts {
    SiteParts {
        game: "toy",
        world: "main".to_owned(),
        build: BUILD,
        archetypes: &["gardener", "fisher"],
        sign_in: SignIn {
            issuer: issuer.url.clone(),
            client_id: "holdfast-web".to_owned(),
            scope: "openid play".to_owned(),
            origins: vec!["https://tokens.example".to_owned()],
        },
        origins: door.origins.clone(),
        addresses: Addresses::parse(ADDRESSES).expect("they are addresses"),
        content: vec![ContentFile::new("terrain", CONTENT.to_vec())],
        page,
    }
}

pub(crate) async fn say(client: &mut Client, message: &ClientMessage) {
    client.send(Message::binary(encode(message))).await.unwrap();
}

/// What the client reads next.
pub(crate) async fn read(client: &mut Client) -> Message {
    tokio::time::timeout(PATIENCE, client.next()).await.expect("something comes").unwrap().unwrap()
}

/// The reason and the close code by which the server ends a connection, with nothing before them.
pub(crate) async fn ending(client: &mut Client) -> (ErrorBody, u16) {
    let Message::Binary(bytes) = read(client).await else { panic!("the reason comes first") };
    let Ok(ServerMessage::Error(body)) = decode(&bytes) else { panic!("it is an error") };
    let Message::Close(Some(frame)) = read(client).await else { panic!("then the close frame") };
    assert_eq!(frame.reason.as_str(), body.code.to_string());
    (body, u16::from(frame.code))
}

/// Characters in memory: the rules of the real store that HTTP can tell apart.
#[derive(Default)]
struct MemoryCharacters(Mutex<HashMap<Account, Vec<CharacterSummary>>>);

#[expect(clippy::disallowed_methods, reason = "they are counted and compared, in whatever order")]
impl CharacterStore for MemoryCharacters {
    fn create<'a>(
        &'a self,
        account: &'a Account,
        name: &'a str,
        archetype: &'a str,
    ) -> BoxFuture<'a, Result<CharacterCreated, CharacterError>> {
        let mut all = self.0.lock().unwrap();
        let count = all.values().map(Vec::len).sum::<usize>();
        let outcome = if archetype != "gardener" {
            Err(CharacterError::UnknownArchetype)
        } else if all.values().flatten().any(|other| other.name == name) {
            Err(CharacterError::NameTaken)
        } else {
            // Beyond what a JavaScript number can hold.
            let id = EntityId(9_007_199_254_740_993 + 2 * u64::try_from(count).unwrap());
            let one = CharacterSummary { id, name: name.to_owned(), archetype: archetype.to_owned() };
            all.entry(account.clone()).or_default().push(one);
            Ok(CharacterCreated { id })
        };
        Box::pin(async move { outcome })
    }

    fn list<'a>(
        &'a self,
        account: &'a Account,
    ) -> BoxFuture<'a, Result<Vec<CharacterSummary>, CharacterError>> {
        let listed = self.0.lock().unwrap().get(account).cloned().unwrap_or_default();
        Box::pin(async move { Ok(listed) })
    }
}
