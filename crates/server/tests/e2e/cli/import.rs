//! `tessera token import`

use serde_json::{Value, json};
use tessera_service::keys::gitlab_digest;

use super::{Place, both_ways};

const KEY: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

fn old_token(number: u32) -> String {
    format!("old-token-{number:010}")
}

/// A GitLab's rows of tokens of `root` and of somebody who does not exist here; the third is revoked.
fn rows(count: u32, user: &str) -> String {
    let head = "user,name,scopes,expires_at,created_at,last_used_at,impersonation,revoked,token_digest\n";
    let row = |number: u32| {
        let digest = gitlab_digest(&old_token(number), KEY);
        let revoked = if number == 3 { 't' } else { 'f' };
        format!(
            "{user},\"old {number}\",\"---\n- read_user\n\",,2021-02-03 04:05:06.789,,f,{revoked},{digest}\n"
        )
    };
    head.to_owned() + &(1..=count).map(row).collect::<String>()
}

fn counts(outcome: &str) -> (Value, Value) {
    let total: Value = serde_json::from_str(outcome).unwrap();
    (total["imported"].clone(), total["present"].clone())
}

#[test]
fn a_gitlabs_tokens_work_in_a_running_server_as_soon_as_they_are_in() {
    let place = Place::new();
    let server = place.serve();
    let file = place.file("tokens.csv", &rows(5, "root"));
    let import = format!("token import {file} --format gitlab --json");
    assert!(place.run(&import).refused().contains("db_key_base"), "without the key its digests say nothing");
    let with_key = format!("{import} --gitlab-db-key-base-stdin");
    let wrong = place.fed(&format!("{with_key} --check-token-stdin"), &format!("{KEY}\nno such token\n"));
    assert!(wrong.refused().contains("check token"));
    assert_eq!(place.json("token list"), json!([]));
    let right = place.fed(&format!("{with_key} --check-token-stdin"), &format!("{KEY}\n{}\n", old_token(2)));
    assert_eq!(counts(&right.ok()), (json!(5), json!(0)));
    assert_eq!(server.status(&old_token(1)), 200);
    assert_eq!(server.status(&old_token(3)), 401, "revoked where it came from");
    assert_eq!(server.status(&old_token(6)), 401);
    let old = place.fed("token show --value-stdin --json", &old_token(1)).ok();
    assert_eq!(serde_json::from_str::<Value>(&old).unwrap()["created_at"], "2021-02-03T04:05:06.789Z");
    server.stop();
    // Seen or not, each is known when the same file comes again.
    assert_eq!(counts(&place.run(&import).ok()), (json!(0), json!(5)));
    let server = place.serve();
    assert_eq!(server.status(&old_token(4)), 200);
    place.fed("token revoke --value-stdin", &old_token(4)).ok();
    assert_eq!(counts(&place.run(&import).ok()), (json!(0), json!(5)));
    assert_eq!(server.status(&old_token(4)), 401, "nothing revives it");
}

#[test]
fn unknown_users_stop_a_batch_or_are_left_out() {
    both_ways(|place| {
        let mixed = rows(4, "nobody") + rows(6, "root").split_once("f,f,").map_or("", |_| "");
        let file = place.file("tokens.csv", &mixed);
        let key = place.file("key", KEY);
        let import = format!("token import {file} --format gitlab --gitlab-db-key-base-file {key}");
        let refused = place.run(&import).refused();
        assert!(refused.contains("line 2: there is no user \"nobody\" (of 4 lines)"), "{refused}");
        assert_eq!(place.json("token list"), json!([]), "the batch is all or nothing");
        let left_out = place.run(&format!("{import} --skip-unknown-users")).ok();
        assert_eq!(left_out, "imported 0, already there 0, of unknown users 4 (\"nobody\")\n");
    });
}

#[test]
fn plain_tokens_follow_the_rule_of_given_strings() {
    both_ways(|place| {
        let file = place.file("plain", "token-string-here123\ntoken-string-here124\n");
        let import = format!("token import {file} --format plain --user root --scopes api,read_user");
        assert_eq!(place.run(&import).ok(), "imported 2, already there 0\n");
        assert_eq!(place.run(&import).ok(), "imported 0, already there 2\n");
        assert_eq!(place.json("token list")[1]["name"], "imported-2");
        let wrong = place.file("wrong", "token-string-here125\ntoo short\n");
        let refused =
            place.run(&format!("token import {wrong} --format plain --user root --scopes api")).refused();
        assert!(refused.contains("line 2: a token value"), "{refused}");
        assert_eq!(place.json("token list").as_array().unwrap().len(), 2, "all or nothing");
        assert_eq!(place.run(&format!("token import {file} --format plain")).code, 2);
    });
}

#[test]
fn a_faulty_line_is_found_before_anything_is_stored() {
    let place = Place::new();
    let mut text = rows(3000, "root");
    text.push_str("root,late,api,,,,f,f,too short\n");
    let (file, key) = (place.file("tokens.csv", &text), place.file("key", KEY));
    let import = format!("token import {file} --format gitlab --gitlab-db-key-base-file {key}");
    let refused = place.run(&import).refused();
    assert!(refused.contains("line 9002: token_digest is not base64"), "{refused}");
    assert_eq!(place.json("token list"), json!([]));
}

#[test]
fn digests_of_our_own_come_as_json_lines() {
    let place = Place::new();
    let line = |digit: char| {
        let digest = digit.to_string().repeat(64);
        json!({ "user": "root", "name": "kept", "scopes": ["api"], "expires_at": "2100-01-01", "digest": digest })
    };
    let file = place.file("digests", &format!("{}\n{}\n", line('a'), line('b')));
    let import = format!("token import {file} --format digest --json");
    assert_eq!(counts(&place.run(&import).ok()), (json!(2), json!(0)));
    assert_eq!(counts(&place.run(&import).ok()), (json!(0), json!(2)));
    assert_eq!(place.json("token list")[0]["expires_at"], "2100-01-01");
}
