//! What a game's page loads besides itself: files that follow from the build, as a map does.

/// A named file, the same for as long as the server runs. It is served under an address that its bytes give it, so
/// that a browser keeps it for ever and asks anew only where it has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentFile {
    name: &'static str,
    bytes: Vec<u8>,
}

impl ContentFile {
    /// A file with this name, which the page asks for.
    ///
    /// # Panics
    /// Where the name is empty or has anything but small letters, digits, `-`, `_` and `.`: it stands in an address.
    #[must_use]
    pub fn new(name: &'static str, bytes: Vec<u8>) -> Self {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
        assert!(!name.is_empty() && name.bytes().all(is_plain), "{name:?} is no name for a content file");
        Self { name, bytes }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What is in it.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
