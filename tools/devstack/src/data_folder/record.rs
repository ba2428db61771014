//! `play.json`: by which a kept folder is known to be ours, and what must be the same next time.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use serde::{Deserialize, Serialize};

use crate::durable;

const NAME: &str = "play.json";

/// The version of how such a folder is laid out.
const FORMAT: u32 = 1;

/// What is in such a folder before it has its `play.json`: somebody was killed in between.
const BEFORE: &[&str] = &["lock", "play.json.new"];

/// What a kept folder says of itself.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Record {
    format: u32,
    /// The port at which people last signed in to this world.
    pub issuer_port: Option<u16>,
}

impl Record {
    /// Whether the folder is ours, or so empty that it can become so.
    pub(super) fn check_folder(folder: &Path) -> Result<()> {
        if file(folder).exists() {
            return Self::read(folder).map(|_| ());
        }
        let entries = fs::read_dir(folder).with_context(|| format!("look into {}", folder.display()))?;
        for entry in entries {
            let name = entry?.file_name();
            if !BEFORE.iter().any(|ours| name == *ours) {
                bail!(
                    "The folder {} holds something else than a world ({}, for one): name an empty or a new one with \
                     --data-dir.",
                    folder.display(),
                    name.display()
                );
            }
        }
        Ok(())
    }

    /// Reads it; a folder without one gets a new one.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = file(folder);
        let text = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { format: FORMAT, issuer_port: None });
            }
            read => read.with_context(|| format!("read {}", path.display()))?,
        };
        let record: Self = serde_json::from_slice(&text).map_err(|error| {
            anyhow!(
                "The file {} is damaged ({error}), the world beside it need not be: write {{\"format\":{FORMAT}}} into \
                 that file where this version has made that world, or name another folder with --data-dir.",
                path.display()
            )
        })?;
        ensure!(
            record.format == FORMAT,
            "The world in {} is kept in a way that this version does not know ({}; it knows {FORMAT}): use the version \
             that made it, or name another folder with --data-dir.",
            folder.display(),
            record.format
        );
        Ok(record)
    }

    /// Writes it: all of it or nothing.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        durable::write(&file(folder), &serde_json::to_vec(self)?)
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join(NAME)
}
