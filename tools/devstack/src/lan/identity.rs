//! The certificate by which other machines know this one, kept in one private file, so that a browser which has been
//! told to trust it need not be told again.
//!
//! It is good for the addresses and names that the machine had when it was made, and is made anew where one is missing,
//! where it is about to run out, and where others could have read its key.

mod make;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The file with the key in it, readable by nobody else.
const KEPT: &str = "lan.json";
/// The file with the authority's certificate, for programs that are to trust it.
const AUTHORITY: &str = "lan-ca.pem";
/// A certificate with less time left than this is made anew, so that it does not run out in the middle of an evening.
const LEFT_MIN: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A certificate, its key, and the authority that signed it.
pub(super) struct Identity {
    authority: PathBuf,
    kept: Kept,
}

/// What is kept, all of it in one file, so that there is never a half of it.
#[derive(Deserialize, Serialize)]
struct Kept {
    /// The addresses and names that it is good for.
    names: Vec<String>,
    /// When it runs out, in seconds since 1970.
    until_unix: u64,
    /// The authority's certificate. Its key is nowhere: it was thrown away when it had signed this one certificate.
    authority_pem: String,
    certificate_pem: String,
    key_pem: String,
}

impl Identity {
    /// The identity that is kept in `folder`, where it is good for all of `names` at `now`; else a new one.
    ///
    /// # Errors
    /// Where the folder cannot be written.
    pub(super) fn open(folder: &Path, names: &[String], now: SystemTime) -> Result<Self> {
        let place = || format!("keep the certificate in {}", folder.display());
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(place)?;
        let now_s = now.duration_since(UNIX_EPOCH).context("the clock stands before 1970")?.as_secs();
        let kept = match read(&folder.join(KEPT)).filter(|kept| kept.is_good(names, now_s)) {
            Some(kept) => kept,
            None => {
                let kept = make::make(names, now_s).context("make a certificate")?;
                write(folder, KEPT, &serde_json::to_vec(&kept)?, 0o600).with_context(place)?;
                kept
            }
        };
        write(folder, AUTHORITY, kept.authority_pem.as_bytes(), 0o644).with_context(place)?;
        Ok(Self { authority: folder.join(AUTHORITY), kept })
    }

    /// The file with the authority's certificate (PEM).
    pub(super) fn authority_file(&self) -> &Path {
        &self.authority
    }

    /// The authority's certificate.
    pub(super) fn authority(&self) -> Result<CertificateDer<'static>> {
        CertificateDer::from_pem_slice(self.kept.authority_pem.as_bytes()).context("read our own authority")
    }

    /// What is shown to whoever connects: the certificate, then the authority's.
    pub(super) fn chain(&self) -> Result<Vec<CertificateDer<'static>>> {
        let own = CertificateDer::from_pem_slice(self.kept.certificate_pem.as_bytes());
        Ok(vec![own.context("read our own certificate")?, self.authority()?])
    }

    /// The certificate's key.
    pub(super) fn key(&self) -> Result<PrivateKeyDer<'static>> {
        PrivateKeyDer::from_pem_slice(self.kept.key_pem.as_bytes()).context("read our own key")
    }
}

impl Kept {
    fn is_good(&self, names: &[String], now_s: u64) -> bool {
        let is_whole = [&self.authority_pem, &self.certificate_pem]
            .iter()
            .all(|pem| CertificateDer::from_pem_slice(pem.as_bytes()).is_ok())
            && PrivateKeyDer::from_pem_slice(self.key_pem.as_bytes()).is_ok();
        is_whole
            && names.iter().all(|name| self.names.contains(name))
            && self.until_unix >= now_s.saturating_add(LEFT_MIN.as_secs())
            // Made while the clock was far ahead it would be good to nobody yet.
            && self.until_unix <= now_s.saturating_add(make::LIFE.as_secs())
    }
}

/// What is kept; nothing where there is none, where it cannot be understood, or where others may have read it.
fn read(file: &Path) -> Option<Kept> {
    let mode = fs::metadata(file).ok()?.permissions().mode();
    if mode & 0o077 != 0 {
        return None;
    }
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

/// Puts a file in place whole, with its permissions from the beginning.
fn write(folder: &Path, name: &str, content: &[u8], mode: u32) -> Result<()> {
    let permissions = fs::Permissions::from_mode(mode);
    let mut file = tempfile::Builder::new().permissions(permissions).tempfile_in(folder)?;
    file.write_all(content)?;
    file.persist(folder.join(name))?;
    Ok(())
}

#[cfg(test)]
mod tests;
