//! A network in front of the proxy: connections over TCP, which can end in ways that those of one machine cannot.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// With a reset, as where the other machine has been started anew.
    Reset,
    /// For the answers alone: what the client says still arrives.
    HalfClose,
}

/// Relays connections to a socket of this machine, until it is dropped.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    cuts: watch::Sender<Option<Cut>>,
    task: JoinHandle<()>,
}

impl Relay {
    pub(crate) async fn start(to: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let cuts = watch::Sender::new(None);
        let sender = cuts.clone();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (to, cuts) = (to.clone(), sender.subscribe());
                // How it ends is the client's to tell.
                tokio::spawn(async move { relay(client, to, cuts).await });
            }
        });
        Self { address, cuts, task }
    }

    /// Ends all connections that there are.
    pub(crate) fn cut(&self, how: Cut) {
        self.cuts.send_replace(Some(how));
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn relay(mut client: TcpStream, to: PathBuf, mut cuts: watch::Receiver<Option<Cut>>) -> io::Result<()> {
    let mut server = UnixStream::connect(to).await?;
    cuts.mark_unchanged();
    let how = {
        let both = tokio::io::copy_bidirectional(&mut client, &mut server);
        tokio::select! {
            _ = both => return Ok(()),
            _ = cuts.changed() => *cuts.borrow_and_update(),
        }
    };
    match how {
        Some(Cut::HalfClose) => {
            client.shutdown().await?;
            let (mut said, (mut answers, mut questions)) = (client.split().0, server.split());
            let mut unheard = Vec::new();
            tokio::select! {
                _ = copy(&mut said, &mut questions) => {}
                _ = answers.read_to_end(&mut unheard) => {}
            }
        }
        _ => client.set_zero_linger()?,
    }
    Ok(())
}
