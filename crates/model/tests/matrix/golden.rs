//! What the rules say, printed in groups of rows that say the same.

use std::fmt::Write;
use std::path::Path;

use tessera_model::operation::{self, Row, Surface};
use tessera_model::policy::{admit, decide};
use tessera_model::scope::{self, ScopeSet};
use tessera_model::token;
use tessera_model::visibility;

use crate::cases::{Who, has_object, subject, verdict, with_token};

const HEADER: &str = "\
What the rules say, printed by the test `matrix` (UPDATE_GOLDEN=1 cargo test -p tessera-model --test matrix).
Operations with the same answers stand together.
";

#[test]
fn the_matrix_is_the_one_that_was_reviewed() {
    compare("policy.txt", &text());
}

/// Compares a text with the reviewed one, or writes that anew when it is asked to.
pub(crate) fn compare(file: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, now).unwrap();
    }
    let reviewed = std::fs::read_to_string(&path).unwrap_or_default();
    let changed = now.lines().zip(reviewed.lines()).find(|(now, reviewed)| now != reviewed);
    assert!(now == reviewed, "tests/golden/{file} differs, first at (now, reviewed): {changed:?}");
}

fn text() -> String {
    let mut text = HEADER.to_owned();
    text.push_str("\n# Credentials: before any object is looked at\n");
    print_groups(&mut text, operation::all(), admission);
    text.push_str("\n# Objects: private, internal, public; then the same archived, where that differs\n");
    print_groups(&mut text, operation::all().filter(|row| has_object(row)), decision);
    text
}

pub(crate) fn print_groups<'a>(
    text: &mut String,
    rows: impl Iterator<Item = &'a Row>,
    block: fn(&Row) -> String,
) {
    let mut groups: Vec<(String, Vec<&Row>)> = Vec::new();
    for row in rows {
        let block = block(row);
        match groups.iter_mut().find(|(known, _)| *known == block) {
            Some((_, members)) => members.push(row),
            None => groups.push((block, vec![row])),
        }
    }
    for (block, members) in groups {
        text.push('\n');
        for row in members {
            let door = if row.surface == Surface::Git { "git " } else { "" };
            let _ = writeln!(text, "{} ({door}{} {})", row.name, row.method.name(), row.path);
        }
        text.push_str(&block);
    }
}

/// Lines of `who: what`, neighbours with the same answer joined.
pub(crate) fn joined(answers: Vec<(String, String)>) -> String {
    let mut lines: Vec<(Vec<String>, String)> = Vec::new();
    for (who, what) in answers {
        match lines.iter_mut().find(|(_, known)| *known == what) {
            Some((names, _)) => names.push(who),
            None => lines.push((vec![who], what)),
        }
    }
    lines.iter().fold(String::new(), |mut text, (names, what)| {
        let _ = writeln!(text, "    {}: {what}", names.join(", "));
        text
    })
}

fn admission(row: &Row) -> String {
    let mut answers =
        vec![("anonymous".to_owned(), verdict(admit(&tessera_model::caller::Caller::ANONYMOUS, row)))];
    for kind in token::KINDS {
        let carried = if *kind == token::TokenKind::Project { scope::OF_PROJECT_TOKENS } else { scope::ALL };
        for scope in carried {
            let caller = with_token(*kind, ScopeSet::of(&[*scope]), false);
            answers.push((format!("{} {}", kind.name(), scope.name()), verdict(admit(&caller, row))));
        }
    }
    let admin = with_token(token::TokenKind::Personal, ScopeSet::of(scope::ALL), true);
    answers.push(("administrator".to_owned(), verdict(admit(&admin, row))));
    short(&joined(answers))
}

/// `personal api, personal read_api` as `personal api read_api`.
fn short(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let (names, what) = line.trim().rsplit_once(": ").unwrap();
        if what.starts_with("403 needs") {
            // Every token stands in one of the lines, so the rest need not be spelled out.
            let _ = writeln!(out, "    {what}: every other scope");
            continue;
        }
        let mut kinds: Vec<(&str, Vec<&str>)> = Vec::new();
        for name in names.split(", ") {
            let (kind, scope) = name.split_once(' ').unwrap_or((name, ""));
            match kinds.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, scopes)) => scopes.push(scope),
                None => kinds.push((kind, vec![scope])),
            }
        }
        let names: Vec<String> = kinds
            .iter()
            .map(|(kind, scopes)| format!("{kind} {}", scopes.join(" ")).trim().to_owned())
            .collect();
        let _ = writeln!(out, "    {what}: {}", names.join("; "));
    }
    out
}

fn decision(row: &Row) -> String {
    let answers = Who::all().into_iter().map(|who| {
        let all = |archived: bool| {
            let verdicts = visibility::ALL.iter().map(|visibility| {
                verdict(decide(&who.caller(), row, &subject(row, who, *visibility, archived)))
            });
            verdicts.collect::<Vec<_>>().join(" ")
        };
        let (usual, archived) = (all(false), all(true));
        let what = if usual == archived { usual } else { format!("{usual}; archived {archived}") };
        (who.name(), what)
    });
    joined(answers.collect())
}
