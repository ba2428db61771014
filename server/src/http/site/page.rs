//! The web client that belongs to this server, read at boot from the folder that its build left: `index.html`, what
//! that loads, and `page.json`, which names the build.
//!
//! Only what was read then is ever served, so that no request can reach anything else on the disk.

mod folder;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use holdfast_protocol::BuildId;
use serde::Deserialize;

use super::file::{Keep, SiteFile};

/// How many files and folders a page may consist of.
pub const ENTRIES_MAX: usize = 256;
/// How many bytes they may have in all.
pub const BYTES_MAX: usize = 32 * 1024 * 1024;

/// Names the page's build.
const BUILD_FILE: &str = "/page.json";
/// The page itself.
const INDEX_FILE: &str = "/index.html";

/// Why a folder is not this server's page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// Something in it cannot be read.
    #[error("{path} cannot be read", path = path.display())]
    Read {
        /// What.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A link, a pipe, a device. A link could lead out of the folder.
    #[error("{path} is neither a file nor a folder (symbolic links are not followed)", path = .0.display())]
    Kind(PathBuf),
    /// A name that would look different in an address.
    #[error("the name of {path} may have only letters, digits, `-`, `_`, `.` and `~`", path = .0.display())]
    Name(PathBuf),
    /// More than [`ENTRIES_MAX`].
    #[error("{path} is one too many: a page has at most {ENTRIES_MAX} files and folders", path = .0.display())]
    TooMany(PathBuf),
    /// More than [`BYTES_MAX`].
    #[error("with {path} the page has more than {BYTES_MAX} bytes, which is the most it may have", path = .0.display())]
    TooLarge(PathBuf),
    /// No page, or one that was not built to the end.
    #[error("{path} is missing: build the page with `npm run build` in web-client", path = .0.display())]
    Missing(PathBuf),
    /// It does not say of which build it is.
    #[error("{path} does not name the page's build: build the page anew", path = path.display())]
    Unnamed {
        /// The file that should.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// It could not speak with this server.
    #[error(
        "the page in {folder} is of build {page}, but this server is of build {server}: build the page anew with \
         HOLDFAST_BUILD_ID={server}",
        folder = folder.display()
    )]
    OtherBuild {
        /// Where it is.
        folder: PathBuf,
        /// Its build, as it says.
        page: String,
        /// The server's.
        server: BuildId,
    },
}

/// A page, ready to be served.
#[derive(Debug)]
pub struct Page {
    files: Vec<(String, SiteFile)>,
}

#[derive(Deserialize)]
struct BuildFile {
    build: String,
}

impl Page {
    /// Reads the page in `folder`, which must be of this build.
    ///
    /// # Errors
    /// Where it is not, or is no page, or is too large.
    pub fn read(folder: &Path, build: BuildId) -> Result<Self, PageError> {
        let mut found = folder::read(folder)?;
        let missing = |name: &str| PageError::Missing(folder.join(name.trim_start_matches('/')));
        let named = found.get(BUILD_FILE).ok_or_else(|| missing(BUILD_FILE))?;
        let named: BuildFile = serde_json::from_slice(named).map_err(|source| PageError::Unnamed {
            path: folder.join(BUILD_FILE.trim_start_matches('/')),
            source,
        })?;
        if named.build != build.to_string() {
            return Err(PageError::OtherBuild {
                folder: folder.to_owned(),
                page: named.build,
                server: build,
            });
        }
        let index = take_with_twins(&mut found, INDEX_FILE).ok_or_else(|| missing(INDEX_FILE))?;
        let mut files = vec![("/".to_owned(), index)];
        let is_twin = |path: &str| {
            [".br", ".gz"].iter().any(|end| path.strip_suffix(end).is_some_and(|of| found.contains_key(of)))
        };
        let paths: Vec<String> = found.keys().filter(|path| !is_twin(path)).cloned().collect();
        for path in paths {
            if let Some(file) = take_with_twins(&mut found, &path) {
                files.push((path, file));
            }
        }
        Ok(Self { files })
    }

    /// Each file with the path of its address.
    pub(super) fn into_files(self) -> Vec<(String, SiteFile)> {
        self.files
    }
}

fn take_with_twins(found: &mut BTreeMap<String, Bytes>, path: &str) -> Option<SiteFile> {
    let bytes = found.remove(path)?;
    // What the build puts there has a hash in its name.
    let keep = if path.starts_with("/assets/") { Keep::Forever } else { Keep::Ask };
    let brotli = found.remove(&format!("{path}.br"));
    let gzip = found.remove(&format!("{path}.gz"));
    Some(SiteFile::new(path, keep, bytes).with_twins(brotli, gzip))
}
