//! What is missing is named, all of it.

use std::net::TcpListener;

use super::*;

#[test]
fn everything_that_is_in_the_way_is_said_at_once() {
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port();
    let wish = Wish {
        port,
        lan: Some(Lan { port, address: None }),
        data: Path::new("/tmp/holdfast-world"),
        target: Path::new("/tmp"),
        builds_page: false,
        must_ask: true,
    };
    let problems = problems(&wish);
    let used = format!("Port {port} is used by");
    for expected in [[used.as_str(), "--port."], [used.as_str(), "--lan-port."], ["", "--yes"]] {
        let is_it = |problem: &&String| expected.iter().all(|part| problem.contains(part));
        assert_eq!(problems.iter().filter(is_it).count(), 1, "{expected:?}: {problems:?}");
    }
}

#[test]
fn an_address_of_another_machine_is_no_way_in() {
    let elsewhere = Lan { port: 8443, address: Some("203.0.113.77".parse().unwrap()) };
    let sentence = network(&elsewhere).unwrap();
    assert!(sentence.contains("203.0.113.77") && sentence.contains("--lan-address"), "{sentence}");
}

#[test]
fn the_free_space_is_read_as_posix_prints_it() {
    let table = "Filesystem     1024-blocks     Used Available Capacity Mounted on\n\
                 /dev/vda         263174212 33511224  61212300      36% /\n";
    assert_eq!(parse_free_kib(table), Some(61_212_300));
    assert_eq!(parse_free_kib(""), None);
}

#[test]
fn a_program_that_is_not_there_does_not_run() {
    assert!(!runs(Command::new("no-such-program").arg("--version")));
    assert!(runs(&mut Command::new("true")));
}

#[test]
fn a_compiler_may_be_named_with_a_program_before_it_and_arguments_after_it() {
    // `true` takes anything, and `env` starts what follows.
    for (named, is_one) in
        [("true", true), ("env true", true), ("true -m64", true), ("no-such-program gcc", false), ("", false)]
    {
        assert_eq!(compiler_runs(OsStr::new(named)), is_one, "{named:?}");
    }
}
