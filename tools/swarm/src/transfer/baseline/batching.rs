//! The strongest ordinary thing: a small service that writes all transfers that have come in one statement, and answers
//! when that is committed. While one batch is written the next one collects, and the one before is answered (group commit).
//!
//! It leaves out all else that the world does. It has no accounts and no tokens, so anybody may pay from any purse. It
//! knows no action by name: where a connection is lost, nobody can tell what was done, and what is sent again is done
//! again. It keeps no journal and shows nothing to anybody. It looks whether an amount is positive and the purses are two,
//! and no further: where one transfer of a batch takes more than a purse holds, the whole batch is refused. There is one
//! of it, and nothing keeps a second one from writing at the same time.

mod answers;
mod payer;
mod wire;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use sqlx::PgConnection;
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::transfer::Load;
use crate::transfer::book::Book;
use crate::transfer::costs::Processes;
use crate::transfer::draw::Pairs;
use crate::transfer::report::Figures;
use crate::transfer::window::{Tally, Window};
use answers::Written;
use wire::Transfer;

/// How many transfers may wait for the next batch, as messages of clients: beyond it, sockets are not read.
const WAITING_MAX: usize = 4_096;

/// How many batches may be written and not yet answered: beyond it, none is written.
const UNANSWERED_MAX: usize = 4;

/// What one client has sent in one write.
struct Asked {
    client: usize,
    transfers: Vec<Transfer>,
}

/// Starts the service, lets all clients pay, and stops it.
pub(super) async fn measure(
    database: PgConnection,
    (purses, book): (usize, &Book),
    load: &Load,
    processes: Processes,
) -> Result<Figures> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let (asking, asked) = mpsc::channel(WAITING_MAX);
    let mut readers = JoinSet::new();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for client in 0..load.clients {
        let (connected, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        theirs.push(connected?);
        let (stream, _) = accepted?;
        stream.set_nodelay(true)?;
        let (reader, writer) = stream.into_split();
        readers.spawn(read(client, reader, asking.clone()));
        ours.push(writer);
    }
    // The last reader that ends closes the channel, and with it the service.
    drop(asking);
    let (written, answering) = mpsc::channel(UNANSWERED_MAX);
    let service = tokio::spawn(serve(database, asked, written));
    let answering = tokio::spawn(answers::give(ours, answering));

    let window = Window::next(load.span);
    let mut paying = JoinSet::new();
    for (number, stream) in theirs.into_iter().enumerate() {
        let pairs = Pairs::new(load.shape, purses, load.seed_of(number))?;
        paying.spawn(payer::pay(stream, window, load.pipeline, pairs, book.clone()));
    }
    let cores = processes.watch(window).await;
    let total = add_up(paying).await;
    // Where the service has failed, every client tells of a closed connection and none of the reason.
    service.await??;
    answering.await??;
    Ok(Figures::of(&total?, &window, cores))
}

/// What all clients have done. The first that fails ends all of them.
async fn add_up(mut paying: JoinSet<Result<Tally>>) -> Result<Tally> {
    let mut total = Tally::default();
    while let Some(tally) = paying.join_next().await {
        total.add(&tally??)?;
    }
    Ok(total)
}

/// Hands on what a client sends, until it leaves.
async fn read(client: usize, mut reader: OwnedReadHalf, asking: mpsc::Sender<Asked>) {
    let mut transfers = wire::Reader::new();
    // A connection that breaks is one that has left: the client will tell.
    while let Ok(Some(transfers)) = transfers.next(&mut reader).await {
        if asking.send(Asked { client, transfers }).await.is_err() {
            return;
        }
    }
}

/// Writes batch after batch, until nobody can ask any more.
async fn serve(
    mut database: PgConnection,
    mut asked: mpsc::Receiver<Asked>,
    answering: mpsc::Sender<Written>,
) -> Result<()> {
    loop {
        let mut batch = Vec::new();
        if asked.recv_many(&mut batch, WAITING_MAX).await == 0 {
            return Ok(());
        }
        let is_paid = write(&mut database, &batch).await.context("write a batch")?;
        // Whoever answers has failed, and tells why.
        let Ok(()) = answering.send(Written { batch, is_paid }).await else { return Ok(()) };
    }
}

/// By how much each purse changes, in the order of their ids, in one statement. Says whether every purse held enough: if
/// not, nothing is written.
async fn write(database: &mut PgConnection, batch: &[Asked]) -> sqlx::Result<bool> {
    let mut changes = BTreeMap::<i64, i64>::new();
    for transfer in batch.iter().flat_map(|asked| &asked.transfers).filter(|transfer| transfer.is_sound()) {
        *changes.entry(transfer.from).or_default() -= transfer.amount;
        *changes.entry(transfer.to).or_default() += transfer.amount;
    }
    let (ids, changes): (Vec<i64>, Vec<i64>) = changes.into_iter().unzip();
    match sqlx::query("SELECT pay_all($1, $2)").bind(ids).bind(changes).execute(database).await {
        Ok(_) => Ok(true),
        Err(sqlx::Error::Database(error)) if error.is_check_violation() => Ok(false),
        Err(error) => Err(error),
    }
}
