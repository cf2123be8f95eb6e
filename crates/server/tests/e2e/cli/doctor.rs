//! `tessera doctor` finds each defect that is seeded, and nothing where there is none.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::json;
use tessera_testkit::tamper_with_file;

use super::backup::{Api, push, remote, root_token, working_copy};
use super::{Place, both_ways, copy_of, line};

/// An instance with a project, a push and a bot, stopped.
fn template() -> Place {
    let place = Place::new();
    let root = root_token(&place);
    let copy = place.folder.path().join("copy");
    working_copy(&copy, "main");
    let server = place.serve();
    let api = Api::of(&server, &root);
    api.post("/projects", &json!({ "name": "demo" }));
    api.project_token("root%2Fdemo", "bot");
    assert!(push(&copy, &remote(&server, &root, "root/demo"), "main", "one").1);
    server.stop();
    place
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

/// The only repository with content.
fn repository(data: &Path) -> PathBuf {
    let mut folder = data.join("repositories/@hashed");
    for _ in 0..3 {
        folder = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    }
    folder
}

type Defect = (&'static str, fn(&Path), &'static str);

fn sql(data: &Path, text: &str) {
    tamper_with_file(&data.join("tessera.db"), text);
}

const DEFECTS: &[Defect] = &[
    ("an open data directory", |data| mode(data, 0o755), "FAIL  data directory: "),
    ("an open key", |data| mode(&data.join("secrets/token_digest_key"), 0o644), "FAIL  permissions: "),
    ("an open database", |data| mode(&data.join("tessera.db"), 0o640), "FAIL  permissions: "),
    ("no key", |data| fs::remove_file(data.join("secrets/token_digest_key")).unwrap(), "FAIL  keys: "),
    (
        "another key",
        |data| fs::write(data.join("secrets/token_digest_key"), "ab".repeat(32)).unwrap(),
        "FAIL  keys: ",
    ),
    ("no database", |data| fs::remove_file(data.join("tessera.db")).unwrap(), "FAIL  database: "),
    (
        "a newer database",
        |data| sql(data, "INSERT INTO schema_migrations (version, checksum) VALUES (99, 'x')"),
        "FAIL  database: ",
    ),
    (
        "a row that points at nothing",
        |data| {
            sql(
                data,
                "PRAGMA writable_schema = ON;
                 UPDATE sqlite_master SET sql = replace(sql, 'REFERENCES projects (id)', '') WHERE name = 'protected_refs';
                 PRAGMA writable_schema = RESET",
            );
            sql(data, "UPDATE protected_refs SET project_id = 4711");
            sql(
                data,
                "PRAGMA writable_schema = ON;
                 UPDATE sqlite_master SET sql = replace(sql, 'project_id INTEGER NOT NULL',
                    'project_id INTEGER NOT NULL REFERENCES projects (id)') WHERE name = 'protected_refs';
                 PRAGMA writable_schema = RESET",
            );
        },
        "FAIL  integrity: a row of protected_refs points at a row of projects that is not there",
    ),
    (
        "no repository",
        |data| fs::remove_dir_all(repository(data)).unwrap(),
        "FAIL  repositories: missing: that of project 1",
    ),
    (
        "a repository of nobody",
        |data| fs::create_dir_all(data.join("repositories/@hashed/ab/cd/stray.git")).unwrap(),
        "WARN  repositories: of no project: @hashed/ab/cd/stray.git",
    ),
    (
        "a damaged object",
        |data| {
            let packs = fs::read_dir(repository(data).join("objects/pack"))
                .unwrap()
                .map(|entry| entry.unwrap().path());
            let pack = packs
                .into_iter()
                .find(|path| path.extension().is_some_and(|ending| ending == "pack"))
                .unwrap();
            let mut bytes = fs::read(&pack).unwrap();
            bytes[40] ^= 1;
            mode(&pack, 0o600);
            fs::write(&pack, bytes).unwrap();
        },
        "FAIL  objects: damaged: project 1 (",
    ),
    (
        "an edited audit log",
        |data| sql(data, "UPDATE audit_events SET actor_username = 'nobody' WHERE id = 1"),
        "FAIL  audit log: ",
    ),
    (
        "a mail that does not leave",
        |data| {
            sql(data, "UPDATE mails SET state = 'waiting', next_try_at = 9000000000000000, created_at = 0");
        },
        "WARN  mail: ",
    ),
    (
        "a web hook whose receiver is away",
        |data| {
            sql(
                data,
                "INSERT INTO web_hooks (project_id, sealed, events, branch_strategy, verifies_tls, created_at, updated_at)
                    SELECT id, x'00', 1, 'wildcard', 1, 0, 0 FROM projects;
                INSERT INTO web_hook_deliveries (web_hook_id, token_id, notice, expires_on, idempotency_key,
                    event_uuid, body, state, next_try_at, created_at)
                    SELECT id, 1, '7', '2026-01-01', 'k', 'e', '{}', 'waiting', 0, 0 FROM web_hooks",
            );
        },
        "WARN  web hooks: ",
    ),
    (
        "a job that fails",
        |data| {
            sql(
                data,
                "INSERT INTO jobs (kind, args, run_at, attempts, last_error, created_at)
                 VALUES ('remove_user', '{}', 9000000000000000, 9, 'no', 0)",
            );
        },
        "WARN  jobs: ",
    ),
    (
        "a live token of nobody",
        |data| sql(data, "UPDATE tokens SET user_id = NULL WHERE id = 1"),
        "FAIL  tokens: ",
    ),
    (
        "a half-made bot",
        |data| sql(data, "UPDATE tokens SET user_id = 1 WHERE kind = 'project'"),
        "FAIL  bots: 1 never had a token",
    ),
    (
        "a clock that goes back",
        |data| {
            sql(
                data,
                "INSERT INTO audit_events (created_at, action, actor_username, target_kind, target_name, entity_kind,
                    address, request_id, surface, details, writer, number, code)
                 SELECT 4000000000000000, action, actor_username, target_kind, target_name, entity_kind, address,
                    request_id, surface, details, writer, 999, code FROM audit_events WHERE id = 1",
            );
        },
        "FAIL  clock: ",
    ),
    (
        "a restore that was cut short",
        |data| fs::create_dir(data.join("restoring")).unwrap(),
        "WARN  restore: ",
    ),
];

#[test]
fn each_defect_shows_in_its_line() {
    let template = template();
    for (what, seed, expected) in DEFECTS {
        let place = copy_of(&template);
        seed(&place.data());
        let told = place.run("doctor --deep");
        let found = told.out.lines().any(|line| line.starts_with(expected));
        assert!(found, "{what}: no line {expected:?} in\n{}", told.out);
        assert_eq!(told.code, i32::from(told.out.contains("FAIL  ")), "{what}: {}", told.out);
        assert!(
            told.out.lines().filter(|line| !line.starts_with("OK")).all(|line| line.contains("; ")),
            "{what}"
        );
    }
}

#[test]
fn a_sound_instance_has_nothing_to_tell() {
    both_ways(|place| {
        root_token(place);
        let told = place.words(&["doctor", "--deep"]);
        assert_eq!(told.code, 0, "{}", told.out);
        for check in [
            "external URL",
            "git",
            "data directory",
            "permissions",
            "disk space",
            "database",
            "integrity",
            "keys",
            "repositories",
            "mail",
            "web hooks",
            "jobs",
            "tokens",
            "bots",
            "clock",
            "audit log",
            "objects",
        ] {
            let lines: Vec<&str> = told.out.lines().filter(|line| line[6..].starts_with(check)).collect();
            assert_eq!(lines.len(), 1, "{check}: {}", told.out);
            // Where the tests run there may be little room, and nobody has named a URL.
            let lenient = ["external URL", "disk space"].contains(&check);
            assert!(lenient || lines[0].starts_with("OK    "), "{}", lines[0]);
        }
        let json = place.json("doctor");
        assert!(
            json.as_array().unwrap().iter().any(|line| line["check"] == "keys" && line["status"] == "OK"),
            "{json}"
        );
    });
}

#[test]
fn the_chosen_database_is_looked_at() {
    let place = Place::on_chosen_database();
    root_token(&place);
    let told = place.run("doctor").ok();
    for check in ["database", "integrity", "keys", "audit log"] {
        assert!(told.contains(&format!("OK    {check}: ")), "{told}");
    }
}

#[test]
fn what_is_not_there_is_named_and_not_made() {
    let place = Place::new();
    let told = place.run("doctor");
    assert_eq!(told.code, 1);
    assert!(told.out.contains("FAIL  data directory: ") && told.out.contains("is not there"), "{}", told.out);
    assert!(line(&told.err).ends_with("1 check failed"), "{}", told.err);
    assert!(!place.data().exists());
    root_token(&place);
    let mut command = place.command(&["doctor"]);
    let told = command.env("TESSERA_GIT__PROGRAM", "/nonexistent/git").output().unwrap();
    let out = String::from_utf8(told.stdout).unwrap();
    assert!(out.contains("FAIL  git: ") && out.contains("/nonexistent/git"), "{out}");
    let mut command = place.command(&["doctor"]);
    let told = command.env("TESSERA_SERVER__EXTERNAL_URL", "http://git.example.com").output().unwrap();
    let out = String::from_utf8(told.stdout).unwrap();
    assert!(out.contains("WARN  external URL: http://git.example.com is not encrypted"), "{out}");
}
