//! The WebSocket close code that goes with an error code, for clients that see no more than that.

use crate::Code;

impl Code {
    /// With what close code a connection ends that ends for this reason.
    #[must_use]
    pub const fn close_code(self) -> u16 {
        match self {
            Self::OVERSIZED => 1009,
            Self::TEXT_FRAME => 1003,
            Self::UPDATE_REQUIRED => 4426,
            Self::TOKEN_INVALID | Self::TOKEN_EXPIRED => 4401,
            Self::SCOPE_MISSING | Self::NO_SUCH_CHARACTER | Self::ORIGIN_REFUSED => 4403,
            Self::HELLO_TIMEOUT | Self::REQUEST_TIMEOUT | Self::SILENT | Self::IDLE_TIMEOUT => 4408,
            Self::REPLACED => 4409,
            Self::SLOW_READER => 4410,
            Self::RATE_LIMITED | Self::TOO_MANY_CONNECTIONS | Self::TOO_MANY_MESSAGES => 4429,
            Self::NOT_OWNER | Self::INTERNAL => 4500,
            Self::SERVER_FULL
            | Self::BUSY
            | Self::JOINS_BUSY
            | Self::MAINTENANCE
            | Self::STORE_UNAVAILABLE
            | Self::ISSUER_UNAVAILABLE => 1013,
            _ => 1008,
        }
    }
}
