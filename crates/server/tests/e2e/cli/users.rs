//! `tessera user …`

use reqwest::blocking::Client;
use serde_json::json;

use super::{Place, both_ways, line};

#[test]
fn a_user_comes_and_goes() {
    both_ways(|place| {
        let made = place.run("user create --username ada --name Ada --email ada@people.test --external").ok();
        assert_eq!(line(&made).len(), 24, "the generated password stands alone on standard output");
        let shown = place.json("user show ada");
        assert_eq!((&shown["admin"], &shown["external"]), (&json!(false), &json!(true)));
        assert_eq!(shown.get("password"), None);
        let names = |place: &Place| {
            let listed = place.json("user list");
            listed.as_array().unwrap().iter().map(|user| user["username"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(names(place), ["root", "ada"]);
        place.run("token create --user ada --name x --scopes api").ok();
        assert_eq!(place.run("user block ada").ok(), "ada is blocked\n");
        assert_eq!(place.run("user unblock ada").ok(), "ada is active\n");
        place.run("user delete ada").ok();
        assert_eq!(names(place), ["root"]);
        assert_eq!(place.json("token list --state active"), json!([]));
        assert!(place.run("user show ada").refused().contains("user \"ada\" not found"));
        assert!(place.run("user delete root").refused().contains("last administrator"));
    });
}

#[test]
fn a_given_password_is_read_and_judged() {
    both_ways(|place| {
        let create = "user create --username ada --name Ada --email ada@people.test --password-stdin";
        assert!(place.fed(create, "short\n").refused().contains("password is too short"));
        assert!(place.run("user show ada").refused().contains("not found"), "nothing was made");
        assert_eq!(place.fed(create, "a long enough password\n").ok(), "ada is made (number 2)\n");
        assert!(place.fed(create, "a long enough password\n").refused().contains("already been taken"));
    });
}

#[test]
fn the_first_password_is_kept_until_it_is_changed() {
    both_ways(|place| {
        place.run("user list").ok();
        let file = place.data().join("initial_root_password");
        assert!(file.exists());
        place.run("user create --username ada --name Ada --email ada@people.test").ok();
        place.run("user reset-password ada").ok();
        assert!(file.exists(), "another one's password is none of root's");
        let new = place.run("user reset-password root").ok();
        assert_eq!(line(&new).len(), 24);
        assert!(!file.exists());
    });
}

#[test]
fn a_reset_password_counts_at_once() {
    let place = Place::new();
    let server = place.serve();
    let root = place.run("token create --user root --name x --scopes api").ok();
    place.fed("user reset-password root --password-stdin", "another password\n").ok();
    assert_eq!(server.status(line(&root)), 200, "the user need not change it first");
    let repository = json!({ "name": "app", "initialize_with_readme": true });
    let made =
        Client::new().post(format!("{}/api/v4/projects", server.url)).header("PRIVATE-TOKEN", line(&root));
    let made = made.header("content-type", "application/json").body(repository.to_string()).send().unwrap();
    assert_eq!(made.status(), 201);
    let refs = |password: &str| {
        let url = format!("{}/root/app.git/info/refs?service=git-upload-pack", server.url);
        Client::new().get(url).basic_auth("root", Some(password)).send().unwrap().status().as_u16()
    };
    assert_eq!(refs("another password"), 200);
    assert_eq!(refs("some other password"), 401);
}

#[test]
fn seats_are_counted() {
    both_ways(|place| {
        place
            .fed(
                "user create --username ada --name Ada --email ada@people.test --password-stdin",
                "a long enough one",
            )
            .ok();
        place.run("user block ada").ok();
        let seats = place.json("user seats");
        assert_eq!(seats, json!({ "taken": 1, "cap": null, "blocked": 1, "bots": 0 }));
        assert!(place.run("user seats").ok().contains("people:"), "for people too");
    });
}
