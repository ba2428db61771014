//! Whether another user may pass through the folders that lead to a file.

use std::fs;
use std::path::{Path, PathBuf};

use crate::user::User;

/// The first folder on the way to `path`, from the root, that `user` may not pass; none where the way is free. Folders
/// that do not exist yet are not in the way: whoever makes them can open them.
///
/// Only the permission bits are read, not access lists.
#[must_use]
pub fn blocked_at(path: &Path, user: User) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    let mut way: Vec<_> = path.ancestors().skip(1).collect();
    way.reverse();
    way.into_iter().find(|folder| blocks(folder, user)).map(Path::to_owned)
}

/// What people are told where a folder is in PostgreSQL's way.
#[must_use]
pub fn sentence(shut: &Path) -> String {
    format!(
        "PostgreSQL refuses to run as root, so it runs as `nobody`, who may not pass through {}: open that folder with \
         `chmod o+x`, or name another one with --data-dir (as in --data-dir /var/lib/holdfast).",
        shut.display()
    )
}

#[cfg(unix)]
fn blocks(folder: &Path, user: User) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let Ok(metadata) = fs::metadata(folder) else { return false };
    let may_pass = if metadata.uid() == user.uid {
        0o100
    } else if metadata.gid() == user.gid {
        0o010
    } else {
        0o001
    };
    metadata.mode() & may_pass == 0
}

#[cfg(not(unix))]
fn blocks(folder: &Path, _user: User) -> bool {
    fs::metadata(folder).is_err()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_folder_that_is_in_the_way_is_named() {
        let top = tempfile::tempdir().unwrap();
        let (shut, inside) = (top.path().join("shut"), top.path().join("shut/open/data"));
        fs::create_dir_all(&inside).unwrap();
        let set =
            |folder: &Path, mode| fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
        // Nobody has this number, so the bits for others hold.
        let stranger = User { uid: 4_000_000, gid: 4_000_000 };
        set(top.path(), 0o711);
        set(&shut, 0o750);
        assert_eq!(blocked_at(&inside, stranger), Some(shut.clone()));
        set(&shut, 0o751);
        assert_eq!(blocked_at(&inside, stranger), None);
        assert_eq!(blocked_at(&top.path().join("not/there"), stranger), None);
    }
}
