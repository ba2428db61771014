//! Further authorities that may vouch for the issuer's certificate, out of a file of the operator's.
//!
//! A company's own identity provider often has a certificate that no machine trusts by itself. Naming its authority
//! here keeps the check whole, where switching it off would let anybody on the way hand us keys.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use reqwest::Certificate;

/// The largest file that is read, in bytes: several hundred authorities.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Why a file of authorities will not do.
#[derive(Debug, thiserror::Error)]
pub enum AuthoritiesError {
    /// It cannot be read.
    #[error("read the issuer's authorities from {0}")]
    Read(PathBuf, #[source] io::Error),
    /// It is too large to be one.
    #[error("the issuer's authorities in {0} are more than {FILE_BYTES_MAX} bytes")]
    TooLarge(PathBuf),
    /// It has something else in it.
    #[error("understand the issuer's authorities in {0}")]
    Malformed(PathBuf, #[source] reqwest::Error),
    /// It has nothing in it.
    #[error("there is no certificate in {0}: a PEM file begins with -----BEGIN CERTIFICATE-----")]
    Empty(PathBuf),
}

/// The authorities in a PEM file; at least one.
///
/// # Errors
/// Where the file cannot be read, or has anything but certificates in it, or none.
pub fn read(file: &Path) -> Result<Vec<Certificate>, AuthoritiesError> {
    let failed = |error| AuthoritiesError::Read(file.to_owned(), error);
    let mut opened = File::open(file).map_err(failed)?.take(FILE_BYTES_MAX);
    let mut text = Vec::new();
    opened.read_to_end(&mut text).map_err(failed)?;
    // What is no plain file does not say its size beforehand: whether there is more is found by reading on.
    if opened.into_inner().read(&mut [0]).map_err(failed)? > 0 {
        return Err(AuthoritiesError::TooLarge(file.to_owned()));
    }
    let found = Certificate::from_pem_bundle(&text)
        .map_err(|error| AuthoritiesError::Malformed(file.to_owned(), error))?;
    if found.is_empty() { Err(AuthoritiesError::Empty(file.to_owned())) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_authorities_is_refused_with_its_name() {
        let folder = std::env::temp_dir().join(format!("holdfast-authorities-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("ca.pem");
        let refused = |file: &Path| read(file).unwrap_err();
        assert!(matches!(refused(&folder.join("missing.pem")), AuthoritiesError::Read(..)));
        std::fs::write(&file, "no certificate").unwrap();
        assert!(matches!(refused(&file), AuthoritiesError::Empty(_)));
        std::fs::write(&file, "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n").unwrap();
        assert!(matches!(refused(&file), AuthoritiesError::Malformed(..)));
        std::fs::write(&file, vec![b'-'; 1024 * 1024 + 1]).unwrap();
        assert!(matches!(refused(&file), AuthoritiesError::TooLarge(_)));
        assert!(refused(&file).to_string().contains("ca.pem"));
        assert!(matches!(refused(Path::new("/dev/zero")), AuthoritiesError::TooLarge(_)), "it has no end");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
