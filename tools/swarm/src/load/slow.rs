//! A slow reader: a client on a line that carries a kilobyte a second, or none at all for seconds. It does nothing, and
//! is in no time that bots measure: what it costs, the others feel. How stale it is, the server counts as it does all.

use std::sync::Arc;
use std::time::Duration;

use holdfast_client::{ClientCore, ClientEvent, Connection, Incoming};
use holdfast_protocol::Hello;
use rand::RngExt as _;
use rand::rngs::StdRng;
use tokio::time::{Instant, sleep};

use super::measure::Measure;
use crate::narrow;

/// How many bytes a second a thin line carries.
const BYTES_A_SECOND: f64 = 1_000.0;

/// After how many messages, on average, a line fails for seconds.
const MESSAGES_A_STOP: u32 = 100;

/// For how many seconds it does: never as long as the ten after which a server gives up.
const STOP_S: std::ops::Range<f64> = 2.0..8.0;

/// How long it takes until it connects again.
const RECONNECT_WAIT: Duration = Duration::from_secs(1);

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    Thin,
    Failing,
}

/// Reads at the pace of its line for as long as it is let.
pub(super) async fn read(address: String, hello: Hello, line: Line, measure: Arc<Measure>, mut rng: StdRng) {
    let mut core = ClientCore::light(hello.build, hello.character);
    let begun = Instant::now();
    loop {
        if let Ok(connection) = narrow::open(&address).await {
            let token = hello.access_token.clone();
            listen(connection, &mut core, token, begun, line, &measure, &mut rng).await;
            measure.notes().figures.slow_losses += 1;
        }
        core.disconnected();
        sleep(RECONNECT_WAIT).await;
    }
}

async fn listen(
    mut connection: Connection,
    core: &mut ClientCore,
    token: String,
    begun: Instant,
    line: Line,
    measure: &Measure,
    rng: &mut StdRng,
) {
    if connection.send(core.hello(begun.elapsed(), token)).await.is_err() {
        return;
    }
    while let Ok(Incoming::Binary(bytes)) = connection.receive().await {
        let count = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        measure.notes().figures.slow_bytes += u64::from(count);
        let events = core.receive(begun.elapsed(), &bytes);
        if events.iter().any(|event| matches!(event, ClientEvent::Closed(_) | ClientEvent::Lost(_))) {
            return;
        }
        while let Some(message) = core.next_send(begun.elapsed()) {
            if connection.send(message).await.is_err() {
                return;
            }
        }
        match line {
            Line::Thin => sleep(Duration::from_secs_f64(f64::from(count) / BYTES_A_SECOND)).await,
            Line::Failing if rng.random_ratio(1, MESSAGES_A_STOP) => {
                sleep(Duration::from_secs_f64(rng.random_range(STOP_S))).await;
            }
            Line::Failing => {}
        }
    }
}
