//! The process dies between any two steps of every job, and in the middle of each. The next run goes on there: nobody is
//! missed, nobody is told twice, nothing is half done.
//!
//! The binary of the tests has places at which it can be told to die; each is tried, one after the other, until a run
//! comes to its end without reaching it.

mod logs;
mod repositories;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tessera_testkit::program::Outcome;

use super::mails::written;
use super::{Place, copy_of, line};

const NOTICE: &str = "jobs run token_expiry_notice --now 2099-03-05T01:00:00Z";
const EXPIRED: &str = "jobs run token_expired_notice --now 2099-03-11T02:00:00Z";
const CLEANUP: &str = "jobs run inactive_bots_cleanup --now 2099-05-01T00:00:00Z";
const MEMBERS: &str = "jobs run membership_expiry --now 2099-03-11T00:10:00Z";
/// Later than any claim on a job or a mail that a dead process left.
const REST: &str = "jobs run waiting_jobs --now 2099-06-01T00:00:00Z";
/// The same a day before, for what dies in its turn.
const WAITING: &str = "jobs run waiting_jobs --now 2099-05-31T00:00:00Z";
const MAILS: &str = "jobs run mail_delivery --now 2099-06-01T00:00:00Z";

/// A token of the administrator's.
fn root_token(place: &Place) -> String {
    line(&place.run("token create --user root --name setup --scopes api").ok()).to_owned()
}

/// An instance with people, tokens, bots and memberships that end in March 2099.
fn template() -> Place {
    let place = Place::new();
    let root = root_token(&place);
    let server = place.serve();
    let post = |path: &str, body: Value| server.send("POST", path, &root, &body).unwrap();
    let project = post("/projects", json!({ "name": "demo" }))["id"].as_i64().unwrap();
    for name in ["ada", "mary"] {
        let user = post(
            "/users",
            json!({ "username": name, "name": name, "email": format!("{name}@people.test"),
                "password": "a password of the tests", "skip_confirmation": true }),
        )["id"]
            .as_i64()
            .unwrap();
        let wanted = json!({ "name": "laptop", "scopes": ["api"], "expires_at": "2099-03-10" });
        post(&format!("/users/{user}/personal_access_tokens"), wanted);
        let member = json!({ "user_id": user, "access_level": 40, "expires_at": "2099-03-11" });
        post(&format!("/projects/{project}/members"), member);
    }
    for name in ["ci", "deploy"] {
        let wanted = json!({ "name": name, "scopes": ["api"], "expires_at": "2099-03-10" });
        post(&format!("/projects/{project}/access_tokens"), wanted);
    }
    // The windows are alike; one is enough.
    let settings = json!({ "token_expiry_notice_60_days": false, "token_expiry_notice_30_days": false });
    server.send("PUT", "/application/settings", &root, &settings).unwrap();
    server.stop();
    // The mails about all this are no part of the story.
    place.run(MAILS).ok();
    fs::remove_dir_all(place.data().join("mail")).unwrap();
    place
}

/// Whether these stories are told: they are about processes on one SQLite database, once is enough.
#[expect(clippy::print_stdout, reason = "what is left out is told")]
pub(super) fn told_here() -> bool {
    let elsewhere = std::env::var_os("TESSERA_TEST_DATABASE").is_some();
    if elsewhere {
        println!("not run: it ran on SQLite");
    }
    !elsewhere
}

/// Runs a command that dies at the N-th place; says whether it did.
pub(super) fn dies(place: &Place, command: &str, fatal: u32) -> Option<String> {
    let mut words = place.command(&command.split(' ').collect::<Vec<_>>());
    words.env("TESSERA_FAILPOINT", fatal.to_string()).stdin(Stdio::null());
    let outcome: Outcome = words.output().unwrap().into();
    let told = format!("failpoint {fatal}: ");
    let at = outcome.err.lines().find_map(|line| line.strip_prefix(told.as_str())).map(str::to_owned);
    if at.is_none() {
        outcome.ok();
        return None;
    }
    at
}

/// Tries every place of a command: what `check` says after a death, another run and all that waits must be what it says
/// after a run that nothing disturbed. Returns how often the process died at which place.
fn at_every_place<T: PartialEq + std::fmt::Debug>(
    command: &str,
    prepare: impl Fn(&Place),
    check: impl Fn(&Place) -> T,
) -> BTreeMap<String, u32> {
    let template = template();
    prepare(&template);
    from_here(&template, command, check)
}

/// The same on a place as it is.
fn from_here<T: PartialEq + std::fmt::Debug>(
    template: &Place,
    command: &str,
    check: impl Fn(&Place) -> T,
) -> BTreeMap<String, u32> {
    let mut deaths = BTreeMap::new();
    let finished = |place: &Place| {
        for rest in [command, REST, MAILS] {
            place.run(rest).ok();
        }
        check(place)
    };
    let expected = finished(&copy_of(template));
    for fatal in 1.. {
        let place = copy_of(template);
        let died = dies(&place, command, fatal);
        assert_eq!(finished(&place), expected, "after death {fatal} at {died:?}");
        match died {
            Some(at) => *deaths.entry(at).or_insert(0) += 1,
            None => break,
        }
    }
    deaths
}

/// Who was told what how often. A mail that was sent twice is one file, since its number stays the same.
fn told(place: &Place) -> BTreeMap<(String, String), usize> {
    let mut told = BTreeMap::new();
    for mail in written(place) {
        let header = |name: &str| {
            let line = mail.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            line.trim().to_owned()
        };
        *told.entry((header("To:"), header("Subject:"))).or_insert(0) += 1;
    }
    told
}

/// What stands in the tables that the jobs write.
fn left(folder: &Path) -> (usize, usize) {
    let names = |below: &str| fs::read_dir(folder.join(below)).map_or(0, Iterator::count);
    (names("tmp"), names("run/hooks"))
}

#[test]
fn a_notice_before_the_end() {
    if !told_here() {
        return;
    }
    let deaths = at_every_place(
        NOTICE,
        |_| {},
        |place| {
            let told = told(place);
            assert_eq!(
                told.values().copied().collect::<Vec<_>>(),
                [1, 1, 1],
                "ada, mary and root once each: {told:?}"
            );
            told
        },
    );
    for place in [
        "tokens to tell of",
        "a person to tell",
        "a mail was claimed",
        "a mail was handed over",
        "a mail was settled",
    ] {
        assert!(deaths.contains_key(place), "{place} is not among {deaths:?}");
    }
}

#[test]
fn a_notice_after_the_end() {
    if !told_here() {
        return;
    }
    let deaths = at_every_place(
        EXPIRED,
        |_| {},
        |place| {
            let told = told(place);
            assert_eq!(told.values().copied().collect::<Vec<_>>(), [1, 1, 1], "{told:?}");
            told
        },
    );
    assert!(deaths.values().sum::<u32>() > 15, "{deaths:?}");
}

#[test]
fn the_end_of_inactive_bots() {
    if !told_here() {
        return;
    }
    let deaths = at_every_place(
        CLEANUP,
        |_| {},
        |place| {
            let again = place.json(CLEANUP)["result"].clone();
            assert_eq!(again, json!("0 bots ended"));
            (place.json("user list"), left(&place.data()))
        },
    );
    assert!(deaths["inactive bots"] >= 9, "{deaths:?}");
}

#[test]
fn the_removal_of_a_users_records() {
    if !told_here() {
        return;
    }
    // The job goes on from what the first transaction of the removal left.
    let prepare = |place: &Place| {
        assert!(dies(place, CLEANUP, 3).is_some());
    };
    let deaths = at_every_place(WAITING, prepare, |place| place.json("user list"));
    assert!(deaths["remove_user"] >= 3, "{deaths:?}");
}

#[test]
fn the_end_of_memberships() {
    if !told_here() {
        return;
    }
    let deaths = at_every_place(
        MEMBERS,
        |_| {},
        |place| {
            assert_eq!(place.json(MEMBERS)["result"], json!("0 memberships removed"));
            place.json("user list")
        },
    );
    assert!(deaths["ended memberships"] >= 6, "{deaths:?}");
}

#[test]
fn forgetting_sent_mails() {
    if !told_here() {
        return;
    }
    let command = "jobs run sent_mails_cleanup --now 2099-12-01T03:00:00Z";
    let prepare = |place: &Place| {
        place.run(NOTICE).ok();
    };
    let deaths = at_every_place(command, prepare, |place| {
        assert_eq!(place.json(command)["result"], json!("0 mails forgotten"));
    });
    assert!(deaths["sent mails"] >= 3, "{deaths:?}");
}

#[test]
fn the_schedule_of_the_server() {
    if !told_here() {
        return;
    }
    let template = Place::new();
    template.run("token list").ok();
    let ran = |place: &Place| {
        let jobs = place.json("jobs list");
        let daily = jobs.as_array().unwrap().iter().filter(|job| !job["at"].is_null());
        daily.filter(|job| !job["last_run"].is_null()).count()
    };
    let daily =
        template.json("jobs list").as_array().unwrap().iter().filter(|job| !job["at"].is_null()).count();
    // Three places for each job that is asked for, and those of the first that runs.
    for fatal in 1..=3 * daily + 6 {
        let place = copy_of(&template);
        let mut server = place.command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut server = server
            .env("TESSERA_FAILPOINT", fatal.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(server.stderr.take().unwrap()).lines().map(Result::unwrap);
        // Were it to live on, it would come to the last job's end.
        let last =
            |line: &String| line.contains("a daily job ran") && line.contains("web_hook_events_cleanup");
        let end = lines.find(|line| line.starts_with("failpoint") || last(line)).unwrap();
        assert!(end.starts_with(&format!("failpoint {fatal}: ")), "{end}");
        server.wait().unwrap();
        let again = place.serve();
        // What the dead process had claimed is taken over when the claim has run out.
        let rounds = (0..200).take_while(|_| {
            place.run(REST).ok();
            ran(&place) < daily
        });
        assert!(rounds.count() < 200, "after death {fatal}");
        again.stop();
    }
}
