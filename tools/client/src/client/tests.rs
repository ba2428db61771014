//! The adapter against a server of a few lines, over a real socket.

use futures_util::{SinkExt as _, StreamExt as _};
use holdfast_protocol::{
    Act, Blob, BuildId, ChunkId, ClientMessage, Code, EntityId, Epoch, EpochTag, ErrorBody, Frame, Hello,
    ResyncKind, Seq, ServerMessage, Tick, TokenPoint, TokenStamp, Verdict, Welcome, WorldId, decode,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};

use super::*;
use crate::event::ClientEvent;

struct Toy;

impl ActionsOf for Toy {
    type Action = u32;
}

const WAIT: Duration = Duration::from_secs(10);

/// A connection, and the addresses that its welcome tells of.
struct Peer(WebSocketStream<TcpStream>, Vec<String>);

impl Peer {
    async fn accept(listener: &TcpListener) -> Self {
        let (stream, _) = listener.accept().await.unwrap();
        Self(accept_async(stream).await.unwrap(), Vec::new())
    }

    async fn next(&mut self) -> ClientMessage {
        loop {
            if let Message::Binary(bytes) = self.0.next().await.unwrap().unwrap() {
                return decode(&bytes).unwrap();
            }
        }
    }

    async fn hello(&mut self) -> Hello {
        let ClientMessage::Hello(hello) = self.next().await else { panic!("hello comes first") };
        hello
    }

    async fn act(&mut self) -> Act {
        loop {
            if let ClientMessage::Act(act) = self.next().await {
                return act;
            }
        }
    }

    async fn say(&mut self, message: &ServerMessage) {
        self.0.send(Message::Binary(encode(message).into())).await.unwrap();
    }

    async fn welcome(&mut self, last_seq: u64, resync: ResyncKind) {
        self.say(&ServerMessage::Welcome(Welcome {
            world: WorldId(1),
            epoch: Epoch(1),
            tag: EpochTag(5),
            character: EntityId(1),
            last_seq: Seq(last_seq),
            conflict: false,
            resume: Blob(vec![9]),
            resync,
            tick_ms: 50,
            addresses: self.1.clone(),
        }))
        .await;
    }

    async fn frame(&mut self, from: Option<u64>, to: u64, verdicts: Vec<Verdict>) {
        self.say(&ServerMessage::Frame(Frame {
            from: from.map(|tick| TokenPoint { epoch: Epoch(1), tick: Tick(tick) }),
            verdicts,
            token: Some(TokenStamp { tick: Tick(to), center: ChunkId(0) }),
            ..Frame::default()
        }))
        .await;
    }
}

async fn server() -> (TcpListener, ClientConfig) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = ClientConfig {
        address: listener.local_addr().unwrap().to_string(),
        build: BuildId([1; 16]),
        character: EntityId(1),
        token: Box::new(|| "token".into()),
        kept: None,
        seed: 3,
    };
    (listener, config)
}

fn ignore(_: &ClientEvent, _: &WorldCopy) {}

#[tokio::test]
async fn every_hello_is_told_of_and_whether_it_shows_something_to_go_on_with() {
    let (listener, config) = server().await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&told);
    let client = Client::<Toy>::connect(config, move |event: &ClientEvent, _: &WorldCopy| {
        if let ClientEvent::Greeted { resumes } = event {
            noted.lock().unwrap().push(*resumes);
        }
    });
    let mut peer = Peer::accept(&listener).await;
    peer.hello().await;
    peer.welcome(0, ResyncKind::SnapshotFresh).await;
    peer.frame(None, 10, vec![]).await;
    assert!(client.wait_playing(WAIT).await);
    client.cut();
    let hello = Peer::accept(&listener).await.hello().await;
    assert!(hello.resume.is_some() && hello.held.is_some());
    assert_eq!(*told.lock().unwrap(), [false, true]);
}

#[tokio::test]
async fn an_action_outlives_its_connection() {
    let (listener, config) = server().await;
    let client = Client::<Toy>::connect(config, ignore);
    let mut peer = Peer::accept(&listener).await;
    assert_eq!(peer.hello().await.resume, None);
    peer.welcome(4, ResyncKind::SnapshotFresh).await;
    peer.frame(None, 10, vec![]).await;
    assert!(client.wait_playing(WAIT).await);
    let name = client.act(&300).unwrap();
    let act = peer.act().await;
    assert_eq!((act.name, act.action), (name, Blob(encode(&300_u32))));
    drop(peer);

    let mut peer = Peer::accept(&listener).await;
    let hello = peer.hello().await;
    assert_eq!((hello.resume, hello.oldest_unanswered), (Some(Blob(vec![9])), Some(name)));
    assert_eq!(hello.held.unwrap().tick, Tick(10));
    peer.welcome(5, ResyncKind::Delta).await;
    assert_eq!(peer.act().await.name, name);
    let verdict = Verdict { action: name, code: Code::ACCEPTED, detail: [7; 4] };
    peer.frame(Some(10), 12, vec![verdict]).await;
    assert_eq!(client.wait_verdict(name, WAIT).await, Some(Settled::Verdict(verdict)));
    assert_eq!(client.welcome_count(), 2);
}

#[tokio::test]
async fn a_terminal_refusal_ends_the_tries() {
    let (listener, config) = server().await;
    let client = Client::<Toy>::connect(config, ignore);
    let mut peer = Peer::accept(&listener).await;
    peer.hello().await;
    let error = ErrorBody::new(Code::UPDATE_REQUIRED, 0, 1);
    peer.say(&ServerMessage::Error(error)).await;
    assert_eq!(client.wait_ending(WAIT).await, Some(Ending::Refused(error)));
}

#[tokio::test]
async fn an_access_token_that_ran_out_is_followed_by_a_new_one() {
    let (listener, mut config) = server().await;
    let mut asked = 0;
    config.token = Box::new(move || {
        asked += 1;
        format!("token {asked}")
    });
    let client = Client::<Toy>::connect(config, ignore);
    let expired = ErrorBody::new(Code::TOKEN_EXPIRED, 0, 1);
    let mut peer = Peer::accept(&listener).await;
    assert_eq!(peer.hello().await.access_token, "token 1");
    peer.welcome(0, ResyncKind::SnapshotFresh).await;
    peer.frame(None, 1, vec![]).await;
    assert!(client.wait_playing(WAIT).await);
    peer.say(&ServerMessage::Error(expired)).await;

    let mut peer = Peer::accept(&listener).await;
    let hello = peer.hello().await;
    assert_eq!((hello.access_token.as_str(), hello.resume), ("token 2", Some(Blob(vec![9]))));
    peer.say(&ServerMessage::Error(expired)).await;
    assert_eq!(client.wait_ending(WAIT).await, Some(Ending::Refused(expired)));
}

#[tokio::test]
async fn nothing_is_opened_while_offline() {
    let (listener, config) = server().await;
    let client = Client::<Toy>::connect(config, ignore);
    let mut peer = Peer::accept(&listener).await;
    peer.hello().await;
    peer.welcome(0, ResyncKind::SnapshotFresh).await;
    peer.frame(None, 1, vec![]).await;
    assert!(client.wait_playing(WAIT).await);
    client.go_offline();
    while let Some(Ok(_)) = peer.0.next().await {}
    let name = client.act(&1).unwrap();
    let nobody = timeout(Duration::from_millis(400), listener.accept()).await;
    assert!(nobody.is_err(), "the first try comes within 250 ms where there is one");
    client.go_online();
    assert_eq!(Peer::accept(&listener).await.hello().await.oldest_unanswered, Some(name));
}

#[tokio::test]
async fn leaving_is_said_and_ends_it() {
    let (listener, config) = server().await;
    let client = Client::<Toy>::connect(config, ignore);
    let mut peer = Peer::accept(&listener).await;
    peer.hello().await;
    peer.welcome(0, ResyncKind::SnapshotFresh).await;
    peer.frame(None, 1, vec![]).await;
    assert!(client.wait_playing(WAIT).await);
    client.leave();
    loop {
        match peer.next().await {
            ClientMessage::Leave => break,
            ClientMessage::Applied(_) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(client.wait_ending(WAIT).await, Some(Ending::Left));
}

fn address_of(listener: &TcpListener) -> String {
    format!("ws://{}/ws", listener.local_addr().unwrap())
}

#[tokio::test]
async fn a_client_that_is_cut_comes_back_by_itself_with_what_it_has_no_answer_to() {
    let (listener, config) = server().await;
    let client = Client::<Toy>::connect(config, ignore);
    let mut peer = Peer::accept(&listener).await;
    peer.hello().await;
    peer.welcome(0, ResyncKind::SnapshotFresh).await;
    peer.frame(None, 10, vec![]).await;
    assert!(client.wait_playing(WAIT).await);
    let name = client.act(&300).unwrap();
    client.cut();
    let mut peer = Peer::accept(&listener).await;
    let hello = peer.hello().await;
    assert_eq!((hello.resume, hello.oldest_unanswered), (Some(Blob(vec![9])), Some(name)));
    peer.welcome(0, ResyncKind::Delta).await;
    peer.frame(Some(10), 11, vec![Verdict { action: name, code: Code::ACCEPTED, detail: [0; 4] }]).await;
    assert!(client.wait_verdict(name, WAIT).await.is_some_and(|settled| settled.is_accepted()));
    assert_eq!(client.welcome_count(), 2);
}

#[tokio::test]
async fn a_client_goes_to_the_standby_and_stays_there() {
    let (first, config) = server().await;
    let standby = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addresses = vec![address_of(&first), address_of(&standby)];
    let client = Client::<Toy>::connect(config, ignore);
    let mut peer = Peer::accept(&first).await;
    peer.1.clone_from(&addresses);
    peer.hello().await;
    peer.welcome(0, ResyncKind::SnapshotFresh).await;
    peer.frame(None, 10, vec![]).await;
    assert!(client.wait_playing(WAIT).await);
    let name = client.act(&300).unwrap();
    drop((peer, first));

    // It does not own the world yet; the other one is gone, and so it is asked again.
    let mut peer = Peer::accept(&standby).await;
    assert_eq!(peer.hello().await.resume, Some(Blob(vec![9])));
    peer.say(&ServerMessage::Error(ErrorBody::new(Code::NOT_OWNER, 50, 1))).await;
    drop(peer);
    let mut peer = Peer::accept(&standby).await;
    peer.1 = addresses;
    assert_eq!(peer.hello().await.oldest_unanswered, Some(name));
    peer.welcome(0, ResyncKind::Delta).await;
    peer.frame(Some(10), 11, vec![Verdict { action: name, code: Code::ACCEPTED, detail: [0; 4] }]).await;
    assert!(client.act(&301).is_ok());
    assert!(client.wait_verdict(name, WAIT).await.is_some_and(|settled| settled.is_accepted()));

    // What it was told by the code, and not by the network, is of the client: the same server is asked again.
    peer.say(&ServerMessage::Error(ErrorBody::new(Code::WORLD_RELOADED, 0, 2))).await;
    drop(peer);
    Peer::accept(&standby).await.hello().await;
}

#[tokio::test]
async fn a_server_that_hangs_is_passed_over() {
    let (first, config) = server().await;
    let standby = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addresses = vec![address_of(&first), address_of(&standby)];
    let client = Client::<Toy>::connect(config, ignore);
    let mut peer = Peer::accept(&first).await;
    peer.1 = addresses;
    peer.hello().await;
    peer.welcome(0, ResyncKind::SnapshotFresh).await;
    assert!(client.wait_for(WAIT, |shared| (shared.welcome_count == 1).then_some(())).await.is_some());
    drop(peer);
    let mut peer = Peer::accept(&standby).await;
    peer.hello().await;
    let told = tokio::time::Instant::now();
    peer.say(&ServerMessage::Error(ErrorBody::new(Code::NOT_OWNER, 0, 1))).await;
    drop(peer);
    // The kernel takes the next connection to the first; nobody answers on it.
    Peer::accept(&standby).await.hello().await;
    assert!(told.elapsed() < Duration::from_secs(4), "a lone address would have five seconds");
}
