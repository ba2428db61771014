//! Reads a folder whole, within the bounds of a page.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry, File};
use std::io::Read as _;
use std::path::Path;

use bytes::Bytes;

use super::{BYTES_MAX, ENTRIES_MAX, PageError};

/// The files in `folder` and in its folders, by their path within it, which begins with a `/`. What is hidden (its name
/// begins with a dot) is left out, but counted.
pub(super) fn read(folder: &Path) -> Result<BTreeMap<String, Bytes>, PageError> {
    let mut files = BTreeMap::new();
    let mut entry_count = 0;
    let mut bytes_left = BYTES_MAX;
    let mut waiting = vec![(folder.to_owned(), "/".to_owned())];
    while let Some((folder, prefix)) = waiting.pop() {
        let unreadable = |source| PageError::Read { path: folder.clone(), source };
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            entry_count += 1;
            if entry_count > ENTRIES_MAX {
                return Err(PageError::TooMany(entry.path()));
            }
            let name = name(&entry)?;
            if name.starts_with('.') {
                continue;
            }
            // Of the entry itself, not of what it may link to.
            let kind = entry.file_type().map_err(unreadable)?;
            if kind.is_dir() {
                waiting.push((entry.path(), format!("{prefix}{name}/")));
            } else if kind.is_file() {
                let bytes = read_file(&entry.path(), bytes_left)?;
                bytes_left -= bytes.len();
                files.insert(format!("{prefix}{name}"), bytes);
            } else {
                return Err(PageError::Kind(entry.path()));
            }
        }
    }
    Ok(files)
}

/// Its name, which must stand in an address as it is.
fn name(entry: &DirEntry) -> Result<String, PageError> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let name = entry.file_name().into_string().ok();
    name.filter(|name| name.bytes().all(is_plain)).ok_or_else(|| PageError::Name(entry.path()))
}

fn read_file(path: &Path, bytes_max: usize) -> Result<Bytes, PageError> {
    let unreadable = |source| PageError::Read { path: path.to_owned(), source };
    // One more than may be, which tells that there is more.
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path).map_err(unreadable)?.take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > bytes_max { Err(PageError::TooLarge(path.to_owned())) } else { Ok(Bytes::from(bytes)) }
}
