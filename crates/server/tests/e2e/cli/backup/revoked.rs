//! A backup brings no revoked token back in silence (D23).

use std::fs;

use reqwest::Method;
use serde_json::json;

use super::{Api, audit_is_whole, backup, git, push, remote, root_token, working_copy};
use crate::cli::{Place, Running, line};

/// An instance with tokens of many fates, a backup of it, and what happened to them afterwards.
struct Story {
    place: Place,
    root: String,
    file: String,
    /// Alive in the backup and afterwards.
    kept: String,
    /// Alive in the backup, and each lost since in another way: revoked with its bot, rotated, revoked alone, with a
    /// person who was blocked, with a person who was removed, with a project.
    lost: Vec<String>,
    /// The number of the first one's bot.
    bot: i64,
}

const REVOKED: usize = 5;

fn story() -> Story {
    let place = Place::on_chosen_database();
    let root = root_token(&place);
    let server = place.serve();
    let api = Api::of(&server, &root);
    for name in ["demo", "doomed"] {
        api.post("/projects", &json!({ "name": name }));
    }
    let demo = "root%2Fdemo";
    let (kept, ..) = api.project_token(demo, "kept");
    let (with_bot, with_bot_id, bot) = api.project_token(demo, "with-bot");
    let (rotated, rotated_id, _) = api.project_token(demo, "rotated");
    let (of_project, ..) = api.project_token("root%2Fdoomed", "of-project");
    let mut people = Vec::new();
    for name in ["alone", "blocked", "removed"] {
        let person = json!({ "username": name, "name": name, "email": format!("{name}@people.test"),
            "password": "a password of the tests", "skip_confirmation": true });
        let id = api.post("/users", &person)["id"].as_i64().unwrap();
        let wanted = json!({ "name": name, "scopes": ["api"] });
        let made = api.post(&format!("/users/{id}/personal_access_tokens"), &wanted);
        people.push((id, made["id"].as_i64().unwrap(), made["token"].as_str().unwrap().to_owned()));
    }
    let file = backup(&place, "backup.tar");
    let lost =
        vec![with_bot, rotated, people[0].2.clone(), people[1].2.clone(), people[2].2.clone(), of_project];
    for token in lost.iter().chain([&kept]) {
        assert_eq!(server.status(token), 200);
    }
    api.good(Method::DELETE, &format!("/projects/{demo}/access_tokens/{with_bot_id}"), &json!({}));
    api.post(&format!("/projects/{demo}/access_tokens/{rotated_id}/rotate"), &json!({}));
    api.good(Method::DELETE, &format!("/personal_access_tokens/{}", people[0].1), &json!({}));
    api.post(&format!("/users/{}/block", people[1].0), &json!({}));
    api.good(Method::DELETE, &format!("/users/{}", people[2].0), &json!({}));
    api.good(Method::DELETE, "/projects/root%2Fdoomed", &json!({}));
    api.post("/projects", &json!({ "name": "later" }));
    server.stop();
    Story { place, root, file, kept, lost, bot }
}

fn refused(server: &Running, tokens: &[String]) -> Vec<bool> {
    tokens.iter().map(|token| matches!(server.status(token), 401 | 403)).collect()
}

#[test]
fn what_was_revoked_since_the_backup_is_revoked_again() {
    let Story { place, root, file, kept, lost, bot } = story();
    let told = place.json(&format!("backup restore {file}"));
    assert_eq!(told["compared_with"], json!(["the database that was replaced"]));
    assert_eq!(told["tokens_revoked_since"], REVOKED, "{told}");
    assert_eq!(told["tokens_revoked"], REVOKED);
    assert_eq!(told["bots_ended"], 2, "that of the revoked token and that of the removed project");
    assert_eq!(told["users_blocked"], 2);
    audit_is_whole(&place);
    let log = place.run("audit export").ok();
    assert_eq!(log.lines().filter(|line| line.contains("\"backup.restore\"")).count(), 1);
    let server = place.serve();
    assert_eq!(server.status(&kept), 200);
    assert_eq!(refused(&server, &lost), [true; 6]);
    let api = Api::of(&server, &root);
    let members = api.get("/projects/root%2Fdemo/members?per_page=100");
    assert!(
        !members.as_array().unwrap().iter().any(|member| member["id"] == bot),
        "the bot has left its project"
    );
    // A rotated token's bot lives on without a secret, as after a reuse, and gets a new one.
    let inactive = api.get("/projects/root%2Fdemo/access_tokens?state=inactive");
    let rotated = inactive.as_array().unwrap().iter().find(|token| token["name"] == "rotated").unwrap();
    let path = format!("/projects/root%2Fdemo/access_tokens/{}/rotate", rotated["id"]);
    let fresh = api.post(&path, &json!({}))["token"].as_str().unwrap().to_owned();
    assert_eq!(server.status(&fresh), 200);
    // Numbers that were given after the backup are not given again (D32).
    let before = api.get("/projects/root%2Fdemo")["id"].as_i64().unwrap();
    let made = api.post("/projects", &json!({ "name": "next" }))["id"].as_i64().unwrap();
    assert!(made > before + 2, "{made}");
    server.stop();
    // The same once more finds them dead already.
    let again = backup(&place, "again.tar");
    assert_eq!(place.json(&format!("backup restore {again}"))["tokens_revoked_since"], 0);
}

#[test]
fn the_count_is_told_to_people_in_one_line() {
    let Story { place, file, .. } = story();
    let told = place.run(&format!("backup restore {file}")).ok();
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[0].starts_with("restored the backup of 20"), "{told}");
    assert_eq!(
        lines[1],
        "5 tokens were revoked since, by the database that was replaced, and were revoked again, with 2 bots"
    );
    assert_eq!(lines[2], "blocked again, or because they were removed since: 2 users");
    assert!(lines[3].contains("is kept in"), "{told}");
}

#[test]
fn an_audit_export_tells_the_same_where_the_database_is_lost() {
    let Story { place, file, kept, lost, .. } = story();
    let export = place.file("audit.jsonl", &place.run("audit export").ok());
    let other = Place::on_chosen_database();
    let refused = other.run(&format!("backup restore {file}"));
    assert_eq!(refused.code, 1);
    let text = line(&refused.err);
    assert!(text.contains("--audit FILE") && text.contains("--revoke-all"), "{text}");
    assert!(text.contains("8 live tokens"), "{text}");
    assert!(!other.data().join("tessera.db").exists(), "nothing was made");
    let told = other.json(&format!("backup restore {file} --audit {export}"));
    assert_eq!(told["compared_with"], json!(["the audit export"]));
    assert_eq!((&told["tokens_revoked"], &told["bots_ended"]), (&json!(REVOKED), &json!(2)), "{told}");
    assert_eq!(told["users_blocked"], 2);
    audit_is_whole(&other);
    let server = other.serve();
    assert_eq!(server.status(&kept), 200);
    assert_eq!(super::revoked::refused(&server, &lost), [true; 6]);
    server.stop();
    let nonsense = place.file("nonsense.jsonl", "{}\n");
    let refused = other.run(&format!("backup restore {file} --audit {nonsense}"));
    assert!(line(&refused.err).contains("nonsense.jsonl: line 1: "), "{}", refused.err);
}

#[test]
fn all_are_revoked_or_kept_when_that_is_asked_for() {
    let Story { place, root, file, kept, lost, .. } = story();
    let told = place.json(&format!("backup restore {file} --keep-all"));
    assert_eq!((&told["tokens_revoked_since"], &told["tokens_revoked"]), (&json!(REVOKED), &json!(0)));
    let server = place.serve();
    assert_eq!(refused(&server, &lost), [false; 6]);
    server.stop();
    let other = Place::on_chosen_database();
    let told = other.json(&format!("backup restore {file} --revoke-all"));
    assert_eq!((&told["tokens_alive"], &told["tokens_revoked"]), (&json!(8), &json!(8)));
    assert_eq!(told["bots_ended"], 0, "bots stay, for new secrets");
    audit_is_whole(&other);
    let server = other.serve();
    assert_eq!(refused(&server, &lost), [true; 6]);
    assert_eq!((server.status(&kept), server.status(&root)), (401, 401));
    let both = other.run(&format!("backup restore {file} --revoke-all --keep-all"));
    assert_eq!(both.code, 2);
}

#[test]
fn another_instances_database_says_nothing_of_these_tokens() {
    let Story { place: _first, file, .. } = story();
    let other = Place::on_chosen_database();
    let own = root_token(&other);
    let refused = other.run(&format!("backup restore {file}"));
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("another instance's"), "{}", refused.err);
    let server = other.serve();
    assert_eq!(server.status(&own), 200, "nothing was changed");
    // While a server runs nothing is restored.
    let refused = other.run(&format!("backup restore {file} --keep-all"));
    assert!(line(&refused.err).contains("is in use by process"), "{}", refused.err);
    assert_eq!(server.status(&own), 200);
}

#[test]
fn a_push_that_came_after_the_backup_is_gone_and_the_next_one_goes() {
    let place = Place::on_chosen_database();
    let root = root_token(&place);
    let copy = place.folder.path().join("copy");
    working_copy(&copy, "main");
    let server = place.serve();
    let api = Api::of(&server, &root);
    api.post("/projects", &json!({ "name": "demo" }));
    let (first, accepted) = push(&copy, &remote(&server, &root, "root/demo"), "main", "one");
    assert!(accepted);
    let file = backup(&place, "backup.tar");
    assert!(push(&copy, &remote(&server, &root, "root/demo"), "main", "two").1);
    server.stop();
    place.run(&format!("backup restore {file}")).ok();
    assert_eq!(super::fsck(&place.data()), 1);
    let server = place.serve();
    let remote = remote(&server, &root, "root/demo");
    let tip = git(&copy, &["ls-remote", &remote, "refs/heads/main"]).ok();
    assert!(tip.starts_with(&first), "{tip}");
    assert!(push(&copy, &remote, "main", "three").1);
    let kept = fs::read_dir(place.data().join("replaced/repositories/@hashed")).unwrap().count();
    assert_eq!(kept, 1, "what was replaced is kept");
}
