//! Names that are still there after a power failure: a file's name is in its folder, and that is written to the disk
//! only when somebody asks for it.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Gives `from` the name `to`, which is in the same folder, and comes back when that is on the disk.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_folder_of(to)
}

/// Writes a file whole: whenever the power fails, it holds either what it held before or all of this.
pub(crate) fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let unfinished = path.with_added_extension("new");
    let mut file = File::create(&unfinished)?;
    file.write_all(content)?;
    file.sync_all()?;
    rename(&unfinished, path)
}

/// Makes a folder, those above it too, and comes back when it is on the disk.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    let missing: Vec<_> = path.ancestors().take_while(|folder| !folder.exists()).collect();
    fs::create_dir_all(path)?;
    missing.iter().try_for_each(|folder| sync_folder_of(folder))
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
