//! What a folder refuses to be.

use super::*;

fn sentence(path: &Path) -> String {
    DataFolder::open(path).unwrap_err().to_string()
}

/// A temporary folder that PostgreSQL's user may pass.
fn parent() -> tempfile::TempDir {
    let parent = tempfile::tempdir().unwrap();
    fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o755)).unwrap();
    parent
}

#[test]
fn it_is_made_and_what_it_notes_is_there_next_time() {
    let parent = parent();
    let path = parent.path().join("deep/inside");
    let folder = DataFolder::open(&path).unwrap();
    assert_eq!((folder.postgres_major().unwrap(), folder.last_played()), (None, None));
    let mut record = folder.record().unwrap();
    record.issuer_port = Some(9400);
    folder.set_record(&record).unwrap();
    drop(folder);
    assert_eq!(DataFolder::open(&path).unwrap().record().unwrap(), record);
}

#[test]
fn one_process_has_it_at_a_time_and_is_named() {
    let parent = parent();
    let _first = DataFolder::open(parent.path()).unwrap();
    let sentence = sentence(parent.path());
    assert!(sentence.contains(&format!("process {}", std::process::id())), "{sentence}");
    assert!(sentence.contains("--data-dir"), "{sentence}");
}

#[test]
fn a_folder_with_something_else_in_it_is_left_alone() {
    let parent = parent();
    fs::write(parent.path().join("letters.txt"), "dear").unwrap();
    assert!(sentence(parent.path()).contains("letters.txt"));
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_of_a_newer_version_is_left_alone() {
    let parent = parent();
    fs::write(parent.path().join("play.json"), r#"{"format":2,"issuer_port":null}"#).unwrap();
    assert!(sentence(parent.path()).contains("does not know"));
}

#[test]
fn a_damaged_note_beside_a_world_is_said_with_the_way_out() {
    let parent = parent();
    let note = parent.path().join("play.json");
    fs::create_dir(parent.path().join("postgres")).unwrap();
    for damage in [&b""[..], b"{\"format\":", b"\xff\0"] {
        fs::write(&note, damage).unwrap();
        let sentence = sentence(parent.path());
        assert!(sentence.contains("is damaged") && sentence.contains(r#"{"format":1}"#), "{sentence}");
        assert_eq!(fs::read(&note).unwrap(), damage, "and nothing is changed");
    }
    fs::write(&note, r#"{"format":1}"#).unwrap();
    assert_eq!(Record::read(parent.path()).unwrap().issuer_port, None);
}

#[test]
fn what_cannot_be_a_folder_is_said_so() {
    let parent = parent();
    fs::write(parent.path().join("file"), "").unwrap();
    assert!(sentence(&parent.path().join("file/inside")).contains("--data-dir"));
}

#[test]
fn as_root_a_folder_that_postgres_cannot_reach_is_named() {
    if !user::is_root() {
        return;
    }
    let parent = parent();
    fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let sentence = sentence(&parent.path().join("world"));
    assert!(sentence.contains(&format!("{}:", parent.path().display())), "{sentence}");
    assert!(!parent.path().join("world").exists());
}

#[test]
fn a_world_that_is_thrown_away_is_gone_and_the_folder_stays() {
    let parent = parent();
    let folder = DataFolder::open(parent.path()).unwrap();
    fs::create_dir(folder.postgres()).unwrap();
    fs::write(folder.postgres().join("PG_VERSION"), "14\n").unwrap();
    assert_eq!(folder.postgres_major().unwrap(), Some(14));
    folder.throw_away().unwrap();
    assert_eq!(folder.postgres_major().unwrap(), None);
    assert!(!parent.path().join(THROWN_AWAY).exists());
}

#[test]
fn the_log_of_the_last_run_is_kept_and_no_older_one() {
    let parent = parent();
    let folder = DataFolder::open(parent.path()).unwrap();
    for run in ["one", "two", "three"] {
        fs::write(folder.log("server").unwrap(), run).unwrap();
    }
    let read = |name: &str| fs::read_to_string(parent.path().join("log").join(name)).unwrap();
    assert_eq!((read("server.log"), read("server.previous.log")), ("three".into(), "two".into()));
    assert_eq!(fs::read_dir(parent.path().join("log")).unwrap().count(), 2);
}
