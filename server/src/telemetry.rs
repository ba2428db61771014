//! Log lines: where they go and which are written. What is measured is the [`meter`]'s, by [`intervals`].
//!
//! What never stands in one: a token, a subject, a name, an address, what somebody said, what a frame held. A line
//! names a connection by its number and an incident by its correlation id.

pub mod intervals;
pub mod meter;

use std::io::IsTerminal;

use holdfast_front::Conn;
use holdfast_protocol::{Category, ErrorBody};
use tracing_subscriber::EnvFilter;

use crate::config::{LogConfig, LogFormat};

/// Why the log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter cannot be read.
    #[error("HOLDFAST_LOG is not a log filter, as `info` or `holdfast=debug,info` would be")]
    Filter(#[source] tracing_subscriber::filter::ParseError),
    /// Another log is in place.
    #[error("the log is already set up")]
    Twice,
}

/// Sends log lines to standard output from here on.
///
/// # Errors
/// Where the filter cannot be read, or where this was done before.
pub fn init(config: &LogConfig) -> Result<(), LogError> {
    let filter = EnvFilter::try_new(&config.log).map_err(LogError::Filter)?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter);
    match config.log_format {
        LogFormat::Human => lines.with_ansi(std::io::stdout().is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    }
    .map_err(|_| LogError::Twice)
}

/// Logs what somebody is refused, under the id that they are told: at info where the trouble is ours, at debug where it
/// is theirs, so that nobody outside can fill the log. `conn` is the connection that ends with it, once it is known.
pub(crate) fn log_refusal(body: &ErrorBody, conn: Option<Conn>) {
    let ErrorBody { code, correlation_id, .. } = *body;
    let conn = conn.map(|conn| conn.0);
    if is_ours(body.category) {
        tracing::info!(%code, correlation_id, conn, "somebody is turned away, for a trouble of ours");
    } else {
        tracing::debug!(%code, correlation_id, conn, "somebody is turned away");
    }
}

fn is_ours(category: Category) -> bool {
    match category {
        Category::Capacity | Category::Dependency | Category::Internal => true,
        Category::Auth
        | Category::Version
        | Category::RateLimit
        | Category::Validation
        | Category::Consistency => false,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use holdfast_protocol::Code;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(code: Code) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            log_refusal(&ErrorBody::new(code, 0, 812), Some(Conn(7)));
        });
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn the_log_calls_an_incident_what_the_client_was_told() {
        let ours = logged(Code::STORE_UNAVAILABLE);
        assert!(ours.contains(" INFO ") && ours.contains("code=store_unavailable"), "{ours}");
        assert!(ours.contains("correlation_id=812") && ours.contains("conn=7"), "{ours}");
        let theirs = logged(Code::MALFORMED);
        assert!(theirs.contains("DEBUG ") && theirs.contains("code=malformed"), "{theirs}");
    }
}
