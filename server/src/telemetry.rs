//! Log lines: where they go and which are written.
//!
//! What never stands in one: a token, a subject, a name, an address, what somebody said, what a frame held. A line
//! names a connection by its number and an incident by its correlation id.

use std::io::IsTerminal;

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
