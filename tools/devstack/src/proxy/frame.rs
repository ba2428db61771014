//! PostgreSQL's frames: a tag, a length, a body. The first frames of a client have no tag.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The largest frame that passes; the connection of a larger one is cut.
pub const FRAME_BYTES_MAX: usize = 64 * 1024 * 1024;

/// One frame, whole, as it is to be forwarded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame(Vec<u8>);

impl Frame {
    /// What kind of frame it is.
    #[must_use]
    pub fn tag(&self) -> u8 {
        self.0.first().copied().unwrap_or_default()
    }

    /// What it says.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.0.get(5..).unwrap_or_default()
    }

    /// All of its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Reads a frame with a tag.
///
/// # Errors
/// Where the connection ends, or the length is none.
pub async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Frame> {
    let mut head = [0; 5];
    from.read_exact(&mut head).await?;
    let [_, length @ ..] = head;
    Ok(Frame(read_rest(from, head.to_vec(), u32::from_be_bytes(length)).await?))
}

/// Reads a frame with a tag; of a Sync all but its last byte, which stays unread: it is known without that.
///
/// # Errors
/// As [`read`].
pub async fn read_short_of_sync(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Frame> {
    const SYNC: [u8; 5] = [b'S', 0, 0, 0, 4];
    let mut tag = [0];
    from.read_exact(&mut tag).await?;
    let [b'S'] = tag else { return read(&mut tag.as_slice().chain(from)).await };
    from.read_exact(&mut [0; 3]).await?;
    Ok(Frame(SYNC.to_vec()))
}

/// Reads a first frame of a client: a length, then a code, then what the code asks for.
///
/// # Errors
/// As [`read`].
pub async fn read_first(from: &mut (impl AsyncRead + Unpin)) -> io::Result<FirstFrame> {
    let mut head = [0; 4];
    from.read_exact(&mut head).await?;
    let bytes = read_rest(from, head.to_vec(), u32::from_be_bytes(head)).await?;
    let code = bytes.get(4..).and_then(|rest| rest.first_chunk()).map_or(0, |code| u32::from_be_bytes(*code));
    Ok(FirstFrame { bytes, code })
}

async fn read_rest(
    from: &mut (impl AsyncRead + Unpin),
    mut bytes: Vec<u8>,
    length: u32,
) -> io::Result<Vec<u8>> {
    // The length counts its own four bytes.
    let rest = usize::try_from(length).ok().and_then(|length| length.checked_sub(4));
    let Some(rest) = rest.filter(|rest| *rest <= FRAME_BYTES_MAX) else {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "no frame of PostgreSQL's protocol"));
    };
    let start = bytes.len();
    bytes.resize(start + rest, 0);
    from.read_exact(bytes.split_at_mut(start).1).await?;
    Ok(bytes)
}

/// A first frame of a client.
#[derive(Debug)]
pub struct FirstFrame {
    /// All of its bytes.
    pub bytes: Vec<u8>,
    code: u32,
}

impl FirstFrame {
    /// Whether it asks for encryption, to which the server answers with one byte before the client begins anew.
    #[must_use]
    pub fn asks_for_encryption(&self) -> bool {
        const TLS: u32 = 80_877_103;
        const GSS: u32 = 80_877_104;
        self.code == TLS || self.code == GSS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_byte_of_a_sync_can_stay_unread() {
        let mut bytes: &[u8] = b"E\0\0\0\x09\0\0\0\0\0S\0\0\0\x04";
        let execute = read_short_of_sync(&mut bytes).await.unwrap();
        assert_eq!((execute.tag(), execute.body()), (b'E', [0; 5].as_slice()));
        let sync = read_short_of_sync(&mut bytes).await.unwrap();
        assert_eq!((sync.bytes(), bytes), (b"S\0\0\0\x04".as_slice(), [4].as_slice()));
    }
}
