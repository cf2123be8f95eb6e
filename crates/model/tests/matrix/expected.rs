//! The hand-written expectation, read and compared with the table.

use std::collections::HashSet;
use std::path::Path;

use tessera_model::operation::{self, Row, Surface};
use tessera_model::policy::{admit, decide};
use tessera_model::role::{self, Role};
use tessera_model::scope::{self, Scope, ScopeSet};
use tessera_model::token::{self, TokenKind};
use tessera_model::visibility::{self, Visibility};

use crate::cases::{Who, has_object, is_of_group, subject, verdict, with_token};

/// One line of an expectation; `rest.txt` explains its columns.
struct Line {
    door: (Surface, String, String),
    scopes: Vec<String>,
    named_only: Vec<String>,
    anonymous: String,
    who: String,
    others: String,
    refusal: String,
    bots: String,
    archived: String,
}

fn read(file: &str, surface: Surface) -> Vec<Line> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/expected").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| parse(line, surface)).collect()
}

fn parse(line: &str, surface: Surface) -> Line {
    let columns: Vec<&str> = line.split('|').map(str::trim).collect();
    let [door, scopes, anonymous, who, others, refusal, bots, archived] = columns[..] else {
        panic!("not eight columns: {line}");
    };
    let (verb, path) = door.split_once(char::is_whitespace).unwrap();
    let (named, open): (Vec<&str>, Vec<&str>) = scopes.split(' ').partition(|scope| scope.starts_with("(+"));
    Line {
        door: (surface, verb.to_owned(), path.trim().to_owned()),
        scopes: open.into_iter().map(str::to_owned).collect(),
        named_only: named.iter().map(|scope| scope.trim_matches(['(', '+', ')']).to_owned()).collect(),
        anonymous: word(anonymous, &["401", "asks"]),
        who: word(
            who,
            &["guest", "reporter", "developer", "maintainer", "owner", "somebody", "admin", "itself"],
        ),
        others: word(others, &["-", "nobody", "signed-in", "everybody"]),
        refusal: word(refusal, &["-", "400", "401", "403"]),
        bots: word(bots, &["role", "never", "barred", "only", "own"]),
        archived: word(archived, &["-", "ok", "403"]),
    }
}

fn word(given: &str, known: &[&str]) -> String {
    assert!(known.contains(&given), "{given:?} is none of {known:?}");
    given.to_owned()
}

fn lines() -> Vec<Line> {
    let mut lines = read("rest.txt", Surface::Rest);
    lines.extend(read("git.txt", Surface::Git));
    lines
}

fn door(row: &Row) -> (Surface, String, String) {
    (row.surface, row.method.name().to_owned(), row.path.to_owned())
}

fn row_of(line: &Line) -> &'static Row {
    let found = operation::all().find(|row| door(row) == line.door);
    found.unwrap_or_else(|| panic!("the table has no row for {:?}", line.door))
}

/// Fails with every difference at once.
fn report(differences: Vec<String>) {
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn every_row_is_expected_once() {
    let mut seen = HashSet::new();
    for line in lines() {
        let _ = row_of(&line);
        assert!(seen.insert(line.door.clone()), "{:?} is expected twice", line.door);
    }
    report(
        operation::all()
            .filter(|row| !seen.contains(&door(row)))
            .map(|row| {
                format!("expected/*.txt says nothing of {} {} ({})", row.method.name(), row.path, row.name)
            })
            .collect(),
    );
}

impl Line {
    fn opened_by(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|name| name == "any" || name == scope.name())
    }

    /// The scopes that a refusal names: the route's own first, then the two of the whole API.
    fn named(&self) -> String {
        let own = self.scopes.iter().chain(&self.named_only).map(String::as_str);
        let mut names: Vec<&str> = own.filter(|name| !["api", "read_api"].contains(name)).collect();
        names.extend(["api", "read_api"]);
        names.join(" ")
    }

    fn admits(&self, kind: TokenKind, scope: Scope, admin: bool) -> String {
        let (surface, ..) = self.door;
        if !self.opened_by(scope) {
            // Git answers in words of its own, which name no scope.
            let named = if surface == Surface::Git { "api read_api".to_owned() } else { self.named() };
            return format!("403 needs {named}");
        }
        match (self.bots.as_str(), kind) {
            ("only", TokenKind::Personal | TokenKind::Impersonation) => return "405".to_owned(),
            ("own", TokenKind::Impersonation) | ("barred" | "own", TokenKind::Project) => {
                return self.refusal.clone();
            }
            _ => {}
        }
        if self.who == "admin" && !admin { "403".to_owned() } else { "ok".to_owned() }
    }
}

#[test]
fn credentials_are_judged_as_expected() {
    let mut differences = Vec::new();
    let mut compare = |line: &Line, who: &str, is: String, expected: String| {
        if is != expected {
            differences.push(format!("{:?} by {who}: is {is}, expected {expected}", line.door));
        }
    };
    for line in lines() {
        let row = row_of(&line);
        let nobody = if line.anonymous == "asks" { "ok" } else { "401" };
        compare(&line, "anonymous", verdict(admit(&Who::Anonymous.caller(), row)), nobody.to_owned());
        for (kind, scope) in
            token::KINDS.iter().flat_map(|kind| scope::ALL.iter().map(move |scope| (*kind, *scope)))
        {
            for admin in [false, true] {
                let admin = admin && kind != TokenKind::Project;
                let caller = with_token(kind, ScopeSet::of(&[scope]), admin);
                let who = format!("{} {} admin: {admin}", kind.name(), scope.name());
                compare(&line, &who, verdict(admit(&caller, row)), line.admits(kind, scope, admin));
            }
        }
    }
    report(differences);
}

#[test]
fn sudo_is_no_way_to_what_is_everybodys_own() {
    for line in lines() {
        let row = row_of(&line);
        let mut caller = with_token(TokenKind::Personal, ScopeSet::of(scope::ALL), true);
        let directly = verdict(admit(&caller, row));
        caller.sudo_by = Some((1, "root".to_owned()));
        let expected = if line.bots == "own" { line.refusal.clone() } else { directly };
        assert_eq!(verdict(admit(&caller, row)), expected, "{:?}", line.door);
    }
}

/// Whether somebody may know that the object exists (sheets 1.1 and 5.6, D6).
fn sees(who: Who, visibility: Visibility, group: bool) -> bool {
    match who {
        Who::Member(_) | Who::Admin => true,
        Who::Stranger => visibility != Visibility::Private,
        Who::OwnBot(Some(_)) if !group => true,
        Who::Anonymous | Who::External | Who::OwnBot(_) | Who::ForeignBot => visibility == Visibility::Public,
    }
}

impl Line {
    fn least(&self) -> Role {
        *role::ALL.iter().find(|role| role.name() == self.who).unwrap()
    }

    fn decides(&self, who: Who, visibility: Visibility, archived: bool, group: bool) -> String {
        let (surface, ..) = self.door;
        if !sees(who, visibility, group) {
            let git_asks = surface == Surface::Git && who == Who::Anonymous;
            return if git_asks { "401" } else { "404" }.to_owned();
        }
        if self.who == "itself" {
            return if matches!(who, Who::OwnBot(_)) { "ok" } else { "401" }.to_owned();
        }
        // A bot is nothing outside its project, and every group is outside.
        let outside = who == Who::ForeignBot || group && who.is_bot();
        let by_role = match who {
            Who::Admin => true,
            _ if outside => false,
            _ => who.role().is_some_and(|role| role >= self.least()),
        };
        let open = visibility != Visibility::Private
            && match self.others.as_str() {
                "everybody" => true,
                "signed-in" => who != Who::Anonymous && !outside,
                _ => false,
            };
        let barred = self.bots == "never" && who.is_bot();
        if barred || !(by_role || open) {
            return if who == Who::Anonymous { "401".to_owned() } else { self.refusal.clone() };
        }
        if archived && self.archived == "403" { "403".to_owned() } else { "ok".to_owned() }
    }
}

#[test]
fn objects_are_judged_as_expected() {
    let mut differences = Vec::new();
    let mut judged = 0_u32;
    for line in lines().iter().filter(|line| has_object(row_of(line))) {
        let row = row_of(line);
        for who in Who::all() {
            for (visibility, archived) in visibility::ALL.iter().flat_map(|one| [(*one, false), (*one, true)])
            {
                let is = verdict(decide(&who.caller(), row, &subject(row, who, visibility, archived)));
                let expected = line.decides(who, visibility, archived, is_of_group(row));
                judged += 1;
                if is != expected {
                    let place = format!("{visibility:?}{}", if archived { " archived" } else { "" });
                    differences.push(format!(
                        "{:?} by {} in {place}: is {is}, expected {expected}",
                        line.door,
                        who.name()
                    ));
                }
            }
        }
    }
    assert!(judged > 5_000, "only {judged} cells were compared");
    report(differences);
}
