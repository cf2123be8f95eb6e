//! `tessera console`: the same commands at a prompt.

use super::{Place, both_ways};

const TOKEN: &str = "token-string-here123";

#[test]
fn single_lines_are_run_in_turn() {
    both_ways(|place| {
        let told =
            place.words(&["console", "-e", "user list", "-e", "feature status resource_access_token"]).ok();
        assert!(told.contains("root") && told.ends_with("resource_access_token is enabled\n"), "{told}");
    });
}

#[test]
fn lines_come_from_a_pipe_with_their_secrets() {
    both_ways(|place| {
        let script = format!(
            "# a token of a given string\n\
             token create --user root --name 'Automation token' --scopes read_user --value-stdin --json\n\
             {TOKEN}\n\
             token show --value-stdin --json\n\
             {TOKEN}\n\
             exit\n\
             nonsense\n"
        );
        let told = place.fed("console", &script).ok();
        let lines: Vec<serde_json::Value> =
            told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2, "{told}");
        assert_eq!((&lines[0]["name"], &lines[1]["id"]), (&"Automation token".into(), &lines[0]["id"]));
        assert_eq!(lines[1].get("token"), None);
    });
}

#[test]
fn the_first_line_that_fails_ends_it() {
    let place = Place::new();
    let failed = place.words(&["console", "-e", "user show nobody", "-e", "user list"]);
    assert_eq!((failed.code, failed.out.as_str()), (1, ""));
    assert_eq!(failed.err.lines().last(), Some("tessera: user \"nobody\" not found"));
    let unknown = place.fed("console", "tokn list\nuser list\n");
    assert_eq!((unknown.code, unknown.out.as_str()), (2, ""));
    assert!(unknown.err.starts_with("tessera: unrecognized subcommand 'tokn'"), "{}", unknown.err);
}
