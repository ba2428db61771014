//! Which PostgreSQL can read data that was kept.

use std::path::PathBuf;

use anyhow::{Result, bail};
use holdfast_machine::postgres::{find, installed_major, major};

use crate::data_folder::DataFolder;

/// The programs that can read the data: of the version that made it, or the newest where there is none yet.
pub(super) fn binaries_for(data: &DataFolder) -> Result<PathBuf> {
    let Some(made_by) = data.postgres_major()? else { return find() };
    if let Some(folder) = installed_major(made_by) {
        return Ok(folder);
    }
    let here = major(&find()?)?;
    bail!(
        "The world in {} was made by PostgreSQL {made_by}, and here is PostgreSQL {here}, which cannot read it: install \
         PostgreSQL {made_by} as well, or name another folder with --data-dir, or begin a new world with --fresh.",
        data.path().display()
    )
}
