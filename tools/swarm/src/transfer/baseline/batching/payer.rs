//! A client of the batching service: the same closed loop as the world's clients, with everything free in one write.

use std::collections::VecDeque;

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::wire::{PAID, Transfer};
use crate::transfer::baseline::id_of;
use crate::transfer::book::Book;
use crate::transfer::draw::Pairs;
use crate::transfer::payer::AMOUNT;
use crate::transfer::window::{Tally, Window};

/// Pays for as long as it counts, and waits for the last answers.
pub(super) async fn pay(
    mut stream: TcpStream,
    window: Window,
    pipeline: usize,
    mut pairs: Pairs,
    book: Book,
) -> Result<Tally> {
    stream.set_nodelay(true)?;
    let (mut tally, mut waiting, mut free) = (Tally::default(), VecDeque::with_capacity(pipeline), pipeline);
    let mut answers = vec![0; pipeline];
    loop {
        let now = Instant::now();
        if !window.is_over(now) && free > 0 {
            let mut bytes = Vec::new();
            for _ in 0..std::mem::take(&mut free) {
                let (from, to) = pairs.next();
                Transfer { from: id_of(from)?, to: id_of(to)?, amount: AMOUNT }.write(&mut bytes);
                waiting.push_back((now, (from, to)));
                tally.sent += 1;
            }
            stream.write_all(&bytes).await?;
        }
        if waiting.is_empty() {
            return Ok(tally);
        }
        let count = stream.read(&mut answers).await?;
        ensure!(count > 0, "the batching service has closed a connection");
        let now = Instant::now();
        for answer in &answers[..count] {
            let (asked, pair) = waiting.pop_front().context("an answer that nobody asked for")?;
            let is_paid = *answer == PAID;
            if is_paid {
                book.paid(pair, AMOUNT);
            }
            tally.answered(&window, asked, now, is_paid);
            free += 1;
        }
    }
}
