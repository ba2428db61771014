//! It is kept while it is good, and no longer.

use super::*;

const NOW: Duration = Duration::from_secs(1_800_000_000);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn names(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn open(folder: &Path, list: &[&str], now: Duration) -> Vec<CertificateDer<'static>> {
    Identity::open(folder, &names(list), UNIX_EPOCH + now).unwrap().chain().unwrap()
}

#[test]
fn it_is_kept_until_an_address_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path(), &["192.168.1.5", "laptop.local"], NOW);
    assert_eq!(open(folder.path(), &["192.168.1.5", "laptop.local"], NOW + 300 * DAY), first);
    assert_eq!(open(folder.path(), &["192.168.1.5"], NOW), first, "one address less is no reason");
    assert_ne!(open(folder.path(), &["192.168.1.6"], NOW), first);
}

#[test]
fn it_is_made_anew_before_it_runs_out_and_after_the_clock_went_back() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path(), &["10.0.0.1"], NOW);
    let second = open(folder.path(), &["10.0.0.1"], NOW + 359 * DAY);
    assert_ne!(first, second);
    assert_ne!(open(folder.path(), &["10.0.0.1"], NOW), second);
}

#[test]
fn its_key_is_private_and_one_that_others_could_read_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("lan");
    let first = open(&inner, &["10.0.0.1"], NOW);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let kept = inner.join(KEPT);
    assert_eq!((mode(&inner), mode(&kept), mode(&inner.join(AUTHORITY))), (0o700, 0o600, 0o644));
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o640)).unwrap();
    assert_ne!(open(&inner, &["10.0.0.1"], NOW), first);
    assert_eq!(mode(&kept), 0o600);
    assert_eq!(fs::read_dir(&inner).unwrap().count(), 2, "the authority's key is kept nowhere");
}

#[test]
fn a_file_that_cannot_be_understood_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), &["10.0.0.1"], NOW);
    fs::write(folder.path().join(KEPT), "{}").unwrap();
    let second = open(folder.path(), &["10.0.0.1"], NOW);
    assert_eq!(open(folder.path(), &["10.0.0.1"], NOW), second);
}
