//! Who opens which page: what the rules say, printed, and compared with the hand-written expectation.

use std::path::Path;

use tessera_model::operation::{Method, Row, pages};
use tessera_model::policy::{admit, decide};
use tessera_model::role;
use tessera_model::scope::{self, ScopeSet};
use tessera_model::session::GATES;
use tessera_model::token::{self, TokenKind};
use tessera_model::visibility::{self, Visibility};

use crate::cases::{Who, has_object, is_of_group, subject, verdict, with_token};
use crate::golden::{compare, joined, print_groups};

const HEADER: &str = "\
Who opens which page, printed by the test `matrix` (UPDATE_GOLDEN=1 cargo test -p tessera-model --test matrix).
Pages with the same answers stand together. No token opens any of them.
";

fn people() -> impl Iterator<Item = Who> {
    Who::all().into_iter().filter(|who| !who.is_bot())
}

/// What a person in a session (or nobody) is answered.
fn answer(row: &Row, who: Who, visibility: Visibility, archived: bool) -> String {
    let caller = who.in_session(None).unwrap();
    let decided = || decide(&caller, row, &subject(row, who, visibility, archived));
    verdict(admit(&caller, row).and_then(|()| if has_object(row) { decided() } else { Ok(()) }))
}

fn block(row: &Row) -> String {
    let gates = GATES.iter().map(|gate| {
        let caller = Who::Stranger.in_session(Some(*gate)).unwrap();
        (format!("at the gate {gate:?}"), verdict(admit(&caller, row)))
    });
    let answers = people().map(|who| {
        if !has_object(row) {
            return (who.name(), answer(row, who, Visibility::Private, false));
        }
        let all = |archived| {
            let answers = visibility::ALL.iter().map(|visibility| answer(row, who, *visibility, archived));
            answers.collect::<Vec<_>>().join(" ")
        };
        let (usual, archived) = (all(false), all(true));
        (who.name(), if usual == archived { usual } else { format!("{usual}; archived {archived}") })
    });
    joined(answers.chain(gates).collect())
}

#[test]
fn the_pages_are_open_as_was_reviewed() {
    let mut text = HEADER.to_owned();
    print_groups(&mut text, pages::all(), block);
    compare("pages.txt", &text);
}

#[test]
fn no_token_opens_a_page() {
    for row in pages::all() {
        for kind in token::KINDS {
            for admin in [false, true] {
                let caller =
                    with_token(*kind, ScopeSet::of(scope::ALL), admin && *kind != TokenKind::Project);
                assert_eq!(verdict(admit(&caller, row)), "401", "{} with a {} token", row.name, kind.name());
            }
        }
    }
}

/// One line of `expected/pages.txt`, which explains its columns.
struct Line {
    door: (Method, String),
    who: String,
    others: String,
    archived: String,
}

fn lines() -> Vec<Line> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/expected/pages.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let columns: Vec<&str> = line.split('|').map(str::trim).collect();
            let [door, who, others, archived] = columns[..] else { panic!("not four columns: {line}") };
            let (verb, path) = door.split_once(char::is_whitespace).unwrap();
            let method = if verb == "GET" { Method::Get } else { Method::Post };
            Line {
                door: (method, path.trim().to_owned()),
                who: who.to_owned(),
                others: others.to_owned(),
                archived: archived.to_owned(),
            }
        })
        .collect()
}

impl Line {
    fn expects(&self, row: &Row, who: Who, visibility: Visibility, archived: bool) -> &'static str {
        let nobody = who == Who::Anonymous;
        match self.who.as_str() {
            "anyone" => return "ok",
            "somebody" => return if nobody { "401" } else { "ok" },
            "admin" if nobody => return "401",
            "admin" => return if who == Who::Admin { "ok" } else { "404" },
            _ => {}
        }
        let needed = *role::ALL.iter().find(|role| role.name() == self.who).unwrap();
        let sees = match who {
            Who::Member(_) | Who::Admin => true,
            Who::Stranger => visibility != Visibility::Private,
            _ => visibility == Visibility::Public,
        };
        if !sees || (nobody && self.others != "everybody") {
            return if nobody { "401" } else { "404" };
        }
        let by_role = who == Who::Admin || who.role().is_some_and(|role| role >= needed);
        let open = match self.others.as_str() {
            "everybody" => visibility != Visibility::Private,
            "signed-in" => visibility != Visibility::Private && !nobody,
            "nobody" => false,
            other => panic!("{other:?} are no others"),
        };
        if !by_role && !open {
            return "403";
        }
        if archived && self.archived == "403" && !is_of_group(row) { "403" } else { "ok" }
    }
}

#[test]
fn pages_are_open_as_expected() {
    let lines = lines();
    let mut differences = Vec::new();
    for row in pages::all() {
        let mut found = lines.iter().filter(|line| line.door == (row.method, row.path.to_owned()));
        let (Some(line), None) = (found.next(), found.next()) else {
            differences.push(format!(
                "expected/pages.txt has no one line for {} {}",
                row.method.name(),
                row.path
            ));
            continue;
        };
        for who in people() {
            for (visibility, archived) in visibility::ALL.iter().flat_map(|one| [(*one, false), (*one, true)])
            {
                let is = answer(row, who, visibility, archived);
                let expected = line.expects(row, who, visibility, archived);
                if is != expected {
                    let who = who.name();
                    differences
                        .push(format!("{} by {who} ({visibility:?}): {is}, expected {expected}", row.path));
                }
            }
        }
    }
    for line in &lines {
        let known = pages::all().any(|row| line.door == (row.method, row.path.to_owned()));
        if !known {
            differences.push(format!("the table has no row for {:?}", line.door));
        }
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}
