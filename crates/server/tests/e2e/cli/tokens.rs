//! `tessera token …`

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use super::{Place, both_ways, line};

const GIVEN: &str = "token-string-here123";

#[test]
fn a_token_lives_from_create_to_revoke() {
    both_ways(|place| {
        let made = place
            .run("token create --user root --name deploy --scopes api,read_user --expires-at 2100-01-01");
        let token = line(&made.ok()).to_owned();
        assert!(token.starts_with("glpat-"), "the token stands alone on standard output");
        let listed = place.json("token list --user root");
        assert_eq!(listed[0]["name"], "deploy");
        assert_eq!(listed[0]["scopes"], json!(["api", "read_user"]));
        assert_eq!(listed[0]["expires_at"], "2100-01-01");
        assert_eq!(listed[0].get("token"), None);
        assert!(!listed.to_string().contains(&token));

        let shown = place.fed("token show --value-stdin", &format!("{token}\n")).ok();
        assert!(shown.contains("state:       active"), "{shown}");
        assert_eq!(
            place.fed("token revoke --value-stdin", &token).ok(),
            "revoked token 1 (deploy) of root\n"
        );
        assert_eq!(
            place.fed("token revoke --value-stdin", &token).ok(),
            "revoked before: token 1 (deploy) of root\n"
        );
        assert_eq!(place.json("token list --state revoked")[0]["id"], 1);
        assert_eq!(place.json("token list --state active"), json!([]));
    });
}

#[test]
fn a_given_string_is_taken_from_stdin_and_environment_and_never_revived() {
    both_ways(|place| {
        let create = "token create --user root --name given --scopes api";
        assert_eq!(line(&place.fed(&format!("{create} --value-stdin"), GIVEN).ok()), GIVEN);
        place.words(&["token", "revoke", "--value", GIVEN]).ok();
        let refused = place.words(&[
            "token", "create", "--user", "root", "--name", "x", "--scopes", "api", "--value", GIVEN,
        ]);
        assert_eq!(refused.code, 1);
        assert!(line(&refused.err).contains("used once"), "{}", refused.err);
        let other = "glpat-token-string-here124";
        let made = place.command(&["token", "create", "--user", "root", "--name", "y", "--scopes", "api"]);
        let mut made = made;
        let made = made.env("TESSERA_TOKEN_VALUE", other).output().unwrap();
        assert_eq!(String::from_utf8(made.stdout).unwrap(), format!("{other}\n"));
    });
}

#[test]
fn a_rotated_token_has_a_successor() {
    both_ways(|place| {
        let first = place.json("token create --user root --name deploy --scopes api --impersonation");
        assert_eq!(first["kind"], "impersonation");
        let next = place.json("token rotate --id 1 --expires-at 2100-02-03");
        assert_eq!((&next["id"], &next["expires_at"]), (&json!(2), &json!("2100-02-03")));
        assert_ne!(first["token"], next["token"]);
        assert_eq!(place.json("token show --id 1")["state"], "revoked");
        assert!(place.run("token rotate --id 1").refused().contains("already revoked"));
    });
}

#[test]
fn refusals_are_one_line_and_tell_usage_from_failure() {
    both_ways(|place| {
        for (command, code, part) in [
            ("token create --user root --name x --scopes everything", 1, "\"everything\""),
            ("token create --user nobody --name x --scopes api", 1, "user \"nobody\" not found"),
            ("token create --user root --name x --scopes api --value short", 1, "exactly 20 characters"),
            ("token create --user root --name x --scopes api --expires-at 2020-01-01", 1, "in the past"),
            ("token show --id 99", 1, "token not found"),
            ("token revoke --value unknown-unknown-1234", 1, "token not found"),
        ] {
            let outcome = place.run(command);
            assert_eq!(outcome.code, code, "{command}");
            assert!(
                line(&outcome.err.lines().last().map(|last| format!("{last}\n")).unwrap()).contains(part),
                "{}",
                outcome.err
            );
            assert_eq!(outcome.out, "", "{command}");
        }
        for command in ["token create --name x --scopes api", "token show", "token create --expires-at soon"]
        {
            assert_eq!(place.run(command).code, 2, "{command}");
        }
    });
}

#[test]
fn a_running_server_obeys_at_once() {
    let place = Place::new();
    let server = place.serve();
    let made = place.run("token create --user root --name x --scopes api").ok();
    let token = line(&made);
    assert_eq!(server.status(token), 200);
    place.run("token revoke --id 1").ok();
    assert_eq!(server.status(token), 401);
    server.stop();
    assert_eq!(place.json("token show --id 1")["state"], "revoked", "without the server");
}

#[test]
fn the_socket_is_its_owners_and_goes_with_the_server() {
    let place = Place::new();
    let server = place.serve();
    let socket = place.data().join("run/control.sock");
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
    let folder = socket.parent().unwrap();
    assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
    server.stop();
    assert!(!socket.exists());
    // One that a killed server left behind is in nobody's way.
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    place.run("token list").ok();
    let server = place.serve();
    place.run("token list").ok();
    server.stop();
}

#[test]
fn a_project_token_is_made_with_its_bot() {
    let place = Place::new();
    let server = place.serve();
    let root = place.run("token create --user root --name x --scopes api").ok();
    let asked = reqwest::blocking::Client::new()
        .post(format!("{}/api/v4/projects", server.url))
        .header("PRIVATE-TOKEN", line(&root))
        .header("content-type", "application/json")
        .body(json!({ "name": "app" }).to_string());
    assert_eq!(asked.send().unwrap().status(), 201);
    let made =
        place.json("token create --project root/app --name ci --scopes read_repository --role developer");
    assert_eq!(
        (&made["kind"], &made["project_id"], &made["role"]),
        (&json!("project"), &json!(1), &json!("developer"))
    );
    assert_eq!(place.json("token list --project root/app")[0]["project"], "root/app");
    place.run("token revoke --id 2").ok();
    assert_eq!(place.json("token list --kind project --state active"), json!([]));
}

#[test]
fn no_secret_stands_in_the_answer_to_anything_else() {
    let place = Place::new();
    let made = place.run("token create --user root --name x --scopes api").ok();
    let token = line(&made);
    for command in ["token list", "token list --json", "token show --id 1", "token show --id 1 --json"] {
        assert!(!place.run(command).ok().contains(token), "{command}");
    }
}

#[test]
fn the_inventory_is_narrowed_by_flags() {
    both_ways(|place| {
        let create = |rest: &str| place.run(&format!("token create --user root --scopes {rest}")).ok();
        create("api --name deploy --expires-at 2100-01-01");
        create("read_user --name old");
        create("sudo,api --name mighty --impersonation");
        let names = |flags: &str| -> Vec<String> {
            let listed = place.json(&format!("token list {flags}"));
            listed
                .as_array()
                .unwrap()
                .iter()
                .map(|token| token["name"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(names("--scope sudo,read_user"), ["old", "mighty"]);
        assert_eq!(names("--never-ends --creator operator"), ["old", "mighty"]);
        assert_eq!(names("--ends-before 2100-01-02 --ends-after 2100-01-01"), ["deploy"]);
        assert_eq!(names("--unused-for 0 --kind impersonation"), ["mighty"]);
        assert_eq!(names("--unused-for 1"), Vec::<String>::new());
        assert_eq!(names("--sort name_desc --user root"), ["old", "mighty", "deploy"]);
        assert_eq!(names("--violates require_personal_access_token_expiry=true"), ["old", "mighty"]);
        assert_eq!(names("--violates max_personal_access_token_lifetime=90").len(), 3);
        assert_eq!(names("--violates enforce_pat_expiration=false"), Vec::<String>::new());
        let listed = place.json("token list --search deploy");
        assert_eq!((&listed[0]["created_by"], &listed[0]["bot"]), (&json!("operator"), &json!(false)));
        assert!(place.run("token list --violates user_cap=1").refused().contains("no policy \"user_cap\""));
        assert_eq!(place.words(&["token", "list", "--user", ""]).code, 2);
    });
}

#[test]
fn many_tokens_are_revoked_or_extended_after_a_look() {
    both_ways(|place| {
        for name in ["one", "two"] {
            place
                .run(&format!("token create --user root --name {name} --scopes api --expires-at 2100-01-01"))
                .ok();
        }
        place.run("token create --user root --name endless --scopes api").ok();
        let extend = "token extend --user root --expires-at 2100-02-02";
        let seen = place.run(extend);
        assert!(
            seen.err.contains("dry run: 2 tokens would be extended to 2100-02-02; --yes does it"),
            "{}",
            seen.err
        );
        assert_eq!(place.json("token list --ends-before 2100-01-02").as_array().unwrap().len(), 2);
        assert_eq!(place.run(&format!("{extend} --yes --id 1")).ok(), "1 token extended to 2100-02-02\n");
        let shown = place.json(&format!("{extend} --yes"));
        assert_eq!((&shown["count"], &shown["tokens"][0]["name"]), (&json!(1), &json!("two")));
        assert_eq!(place.run(&format!("{extend} --yes")).ok(), "0 tokens extended to 2100-02-02\n");

        let revoke = "token revoke --ends-before 2100-03-03";
        let seen = place.json(revoke);
        assert_eq!((&seen["dry_run"], &seen["count"]), (&json!(true), &json!(2)));
        assert_eq!(place.json("token list --state revoked"), json!([]));
        assert_eq!(place.run(&format!("{revoke} --yes")).ok(), "2 tokens revoked\n");
        assert_eq!(place.run(&format!("{revoke} --yes")).ok(), "0 tokens revoked\n");
        let left = place.json("token list --state active");
        assert_eq!((left.as_array().unwrap().len(), &left[0]["name"]), (1, &json!("endless")));
        assert!(place.run("token revoke --state active --yes").refused().contains("a filter is needed"));
        assert_eq!(place.run("token revoke --id 3 --user root --yes").code, 2);
        assert_eq!(place.run("token extend --user root").code, 2);
        assert_eq!(place.json("token show --id 3")["state"], "active");
    });
}
