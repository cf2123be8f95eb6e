//! What keeps the server or a command from starting is told in one line.

use std::fs;
use std::net::TcpListener;
use std::process::Stdio;

use tessera_testkit::program::Outcome;

use super::{Place, line};

/// Runs `serve`, which must end by itself, and returns its exit code and what it wrote.
fn ends(place: &Place, words: &[&str], environment: &[(&str, &str)]) -> (i32, String) {
    let mut command = place.command(&[&["serve", "--listen", "127.0.0.1:0"], words].concat());
    let outcome = command.envs(environment.iter().copied()).stdin(Stdio::null()).output().unwrap();
    (outcome.status.code().unwrap(), String::from_utf8(outcome.stderr).unwrap())
}

#[test]
fn a_bad_configuration_is_a_usage_error() {
    let place = Place::new();
    let file = place.file("tessera.toml", "[server]\nlistn = 1\n");
    for (words, environment, part) in [
        (&["--config", file.as_str()][..], &[][..], "listn"),
        (&["--external-url", "nonsense"], &[], "server.external_url"),
        (&[], &[("TESSERA_LOG__LEVEL", "a=b=c")], "log.level"),
        (&[], &[("TESSERA_DATABASE__URL", "mysql://x")], "database.url"),
    ] {
        let (code, text) = ends(&place, words, environment);
        assert_eq!(code, 2, "{text}");
        assert!(line(&text).contains(part), "{text}");
    }
    assert!(!place.data().exists(), "nothing was made");
}

#[test]
fn a_busy_port_is_named() {
    let place = Place::new();
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = busy.local_addr().unwrap().to_string();
    let mut command = place.command(&["serve", "--listen", &address]);
    let outcome = command.stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8(outcome.stderr).unwrap();
    assert_eq!(outcome.status.code(), Some(1));
    assert!(line(&text).contains(&format!("cannot listen at {address}")), "{text}");
}

#[test]
fn a_data_directory_that_is_none_or_in_use_is_named() {
    let place = Place::new();
    let _running = place.serve();
    let (code, text) = ends(&place, &[], &[]);
    assert_eq!(code, 1);
    assert!(line(&text).contains("in use by another tessera"), "{text}");
    let other = Place::new();
    fs::write(other.data(), "").unwrap();
    let (code, text) = ends(&other, &[], &[]);
    assert_eq!(code, 1);
    assert!(line(&text).ends_with("data is not a folder"), "{text}");
}

#[test]
fn a_missing_git_is_named() {
    let (code, text) = ends(&Place::new(), &[], &[("TESSERA_GIT__PROGRAM", "/nonexistent/git")]);
    assert_eq!(code, 1);
    assert!(line(&text).contains("/nonexistent/git"), "{text}");
}

#[test]
fn a_file_that_is_no_database_is_named() {
    let place = Place::new();
    fs::create_dir(place.data()).unwrap();
    fs::write(place.data().join("tessera.db"), [b'x'; 5000]).unwrap();
    let (code, text) = ends(&place, &[], &[]);
    assert_eq!(code, 1);
    assert!(line(&text).contains("tessera.db: "), "{text}");
}

#[test]
fn a_missing_key_stops_everything() {
    let place = Place::new();
    place.run("token create --user root --name x --scopes api").ok();
    fs::remove_file(place.data().join("secrets/token_digest_key")).unwrap();
    let refused = place.run("token list").refused();
    assert!(line(&refused).contains("token_digest_key is missing"), "{refused}");
    let (code, text) = ends(&place, &[], &[]);
    assert_eq!(code, 1);
    assert!(line(&text).contains("token_digest_key is missing"), "{text}");
}

#[test]
fn commands_and_a_starting_server_wait_for_each_other() {
    let place = Place::new();
    std::thread::scope(|scope| {
        let commands: Vec<_> = (0..4)
            .map(|number| {
                let name = format!("made-{number}");
                let words = ["token", "create", "--user", "root", "--scopes", "api", "--name"];
                scope.spawn({
                    let place = &place;
                    move || place.words(&[&words[..], &[name.as_str()]].concat()).ok()
                })
            })
            .collect();
        let server = place.serve();
        for command in commands {
            assert_eq!(server.status(line(&command.join().unwrap())), 200);
        }
    });
}

#[test]
fn a_folder_too_deep_for_sockets_is_named_and_commands_work_in_it_all_the_same() {
    let place = Place::new();
    let deep = place.folder.path().join("d".repeat(90));
    let run = |words: &[&str]| {
        let mut command = super::binary();
        let outcome: Outcome = command.args(words).arg("--data-dir").arg(&deep).output().unwrap().into();
        outcome
    };
    assert!(run(&["token", "list"]).ok().starts_with("ID"));
    let refused = run(&["serve", "--listen", "127.0.0.1:0"]).refused();
    assert!(line(&refused).contains("too long for the sockets"), "{refused}");
}
