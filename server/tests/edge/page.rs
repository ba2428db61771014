//! Folders that are a page, and folders that are none.

use std::fs;
use std::path::Path;

use holdfast::http::site::page::{BYTES_MAX, ENTRIES_MAX, Page, PageError};

use crate::server::BUILD;

/// A folder for a page; it goes with the test.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    /// A small page of the server's build, as a build leaves it.
    pub(crate) fn with_page() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("page.json", format!("{{\"build\":\"{BUILD}\"}}").as_bytes());
        folder.write("index.html", b"<!doctype html><title>plain</title>");
        folder.write("index.html.br", b"index as br");
        folder.write("index.html.gz", b"index as gzip");
        folder.write("favicon.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
        folder.write("manifest.webmanifest", b"{}");
        folder.write("assets/main-Ab1_.js", b"export {};");
        folder.write("assets/main-Ab1_.js.gz", b"main as gzip");
        folder.write(".vite/manifest.json", b"{}");
        folder
    }

    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    fn refusal(&self) -> String {
        let error: PageError = Page::read(self.path(), BUILD).unwrap_err();
        error.to_string()
    }
}

#[test]
fn a_page_of_this_build_is_read_and_one_of_another_is_refused_with_both_ids() {
    let folder = Folder::with_page();
    Page::read(folder.path(), BUILD).unwrap();
    let other = "0f".repeat(16);
    folder.write("page.json", format!("{{\"build\":\"{other}\"}}").as_bytes());
    let refusal = folder.refusal();
    for told in [&other, &BUILD.to_string(), "HOLDFAST_BUILD_ID=", &folder.path().display().to_string()] {
        assert!(refusal.contains(told), "{told}: {refusal}");
    }
}

#[test]
fn a_folder_that_is_no_page_is_refused_by_what_is_missing() {
    let folder = Folder::with_page();
    for file in ["index.html", "page.json"] {
        fs::rename(folder.path().join(file), folder.path().join("away")).unwrap();
        let refusal = folder.refusal();
        assert!(
            refusal.contains(&format!("{file} is missing")) && refusal.contains("npm run build"),
            "{refusal}"
        );
        fs::rename(folder.path().join("away"), folder.path().join(file)).unwrap();
    }
    for bytes in [&b""[..], b"{}", b"{\"build\":7}", b"\xff"] {
        folder.write("page.json", bytes);
        assert!(folder.refusal().contains("page.json does not name the page's build"), "{bytes:?}");
    }
    let nowhere = folder.path().join("nowhere");
    let error = Page::read(&nowhere, BUILD).unwrap_err();
    assert!(error.to_string().contains("nowhere cannot be read"), "{error}");
}

#[test]
fn no_link_leads_out_of_the_folder() {
    let folder = Folder::with_page();
    let link = folder.path().join("assets/secrets");
    for target in ["/etc/passwd", "/etc", "../index.html"] {
        std::os::unix::fs::symlink(target, &link).unwrap();
        let refusal = folder.refusal();
        assert!(refusal.contains("assets/secrets is neither a file nor a folder"), "{refusal}");
        fs::remove_file(&link).unwrap();
    }
}

#[test]
fn a_name_that_an_address_would_spell_otherwise_is_refused() {
    for name in ["a b.js", "a%2e.js", "ä.js", "a?b", "a\\b"] {
        let folder = Folder::with_page();
        folder.write(&format!("assets/{name}"), b"");
        assert!(folder.refusal().contains("may have only letters"), "{name}");
    }
}

#[test]
fn a_page_is_bounded_in_files_and_in_bytes() {
    let folder = Folder::with_page();
    for number in 0..ENTRIES_MAX {
        folder.write(&format!("assets/{number}.js"), b"");
    }
    assert!(folder.refusal().contains("one too many: a page has at most 256 files and folders"));

    let folder = Folder::with_page();
    let half = vec![0; BYTES_MAX / 2];
    folder.write("assets/a.bin", &half);
    Page::read(folder.path(), BUILD).unwrap();
    folder.write("assets/b.bin", &half);
    let refusal = folder.refusal();
    assert!(refusal.contains("the page has more than 33554432 bytes"), "{refusal}");
}
