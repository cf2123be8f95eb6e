//! The process dies at every place of a restore: the old state counts or the new one, never something of both.

use std::process::Stdio;

use serde_json::{Value, json};
use tessera_testkit::program::Outcome;

use super::{Api, audit_is_whole, backup, fsck, git, push, remote, root_token, working_copy};
use crate::cli::Place;

/// What is there: tokens, projects and the tip of the branch.
fn state(place: &Place, root: &str) -> (Value, Value, String) {
    // Whoever comes next ends what was decided, whichever command it is.
    let tokens = place.json("token list --state active");
    let names: Vec<Value> = tokens.as_array().unwrap().iter().map(|token| token["name"].clone()).collect();
    audit_is_whole(place);
    assert_eq!(fsck(&place.data()), 1);
    assert!(!place.data().join("restoring/ready.json").exists());
    let server = place.serve();
    let projects = Api::of(&server, root).get("/projects?order_by=id&sort=asc");
    let paths: Vec<Value> =
        projects.as_array().unwrap().iter().map(|project| project["path"].clone()).collect();
    let copy = place.folder.path().join("copy");
    let tip = git(&copy, &["ls-remote", &remote(&server, root, "root/demo"), "refs/heads/main"]).ok();
    server.stop();
    (json!(names), json!(paths), tip)
}

#[test]
fn a_restore_that_dies_anywhere_leaves_the_old_state_or_the_new_one() {
    let place = Place::on_chosen_database();
    let root = root_token(&place);
    let copy = place.folder.path().join("copy");
    working_copy(&copy, "main");
    let server = place.serve();
    let api = Api::of(&server, &root);
    api.post("/projects", &json!({ "name": "demo" }));
    let (_, gone, _) = api.project_token("root%2Fdemo", "gone");
    api.project_token("root%2Fdemo", "kept");
    assert!(push(&copy, &remote(&server, &root, "root/demo"), "main", "one").1);
    let earlier = backup(&place, "earlier.tar");
    assert!(push(&copy, &remote(&server, &root, "root/demo"), "main", "two").1);
    api.post("/projects", &json!({ "name": "later" }));
    api.project_token("root%2Fdemo", "younger");
    api.good(reqwest::Method::DELETE, &format!("/projects/root%2Fdemo/access_tokens/{gone}"), &json!({}));
    server.stop();
    let later = backup(&place, "later.tar");
    let old = state(&place, &root);
    place.run(&format!("backup restore {earlier}")).ok();
    let new = state(&place, &root);
    assert_eq!(new.0, json!(["setup", "kept"]));
    assert_eq!((&new.1, &old.1), (&json!(["demo"]), &json!(["demo", "later"])));
    assert_ne!(old.2, new.2);

    let (mut olds, mut news) = (0, 0);
    for fatal in 1.. {
        place.run(&format!("backup restore {later} --keep-all")).ok();
        let mut restore = place.command(&["backup", "restore", &earlier]);
        restore.env("TESSERA_FAILPOINT", fatal.to_string()).stdin(Stdio::null());
        let outcome: Outcome = restore.output().unwrap().into();
        let told = format!("failpoint {fatal}: ");
        let Some(at) = outcome.err.lines().find_map(|line| line.strip_prefix(told.as_str())) else {
            outcome.ok();
            break;
        };
        let found = state(&place, &root);
        match (found == old, found == new) {
            (true, false) => {
                assert_eq!(news, 0, "{at}: what was decided is not taken back");
                olds += 1;
            }
            (false, true) => news += 1,
            _ => panic!("{at}: {found:?} is neither {old:?} nor {new:?}"),
        }
    }
    assert!(!place.data().join("restoring").exists(), "a whole one clears up behind those that died");
    assert!(olds > 1 && news > 5, "{olds} before it was decided, {news} after");
}
