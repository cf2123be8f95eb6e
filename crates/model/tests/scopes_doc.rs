//! `docs/scopes.md` is made from the operation table: what each scope opens, door by door.
//! `UPDATE_GOLDEN=1 cargo test -p tessera-model` writes it anew.

use std::fmt::Write;

use tessera_model::operation::{self, Row, Surface, TokenKinds};
use tessera_model::scope::{self, OF_PROJECT_TOKENS, Scope, ScopeSet};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/scopes.md");

fn holders(scope: Scope) -> &'static str {
    if scope.is_administrative() {
        "personal tokens of administrators"
    } else if OF_PROJECT_TOKENS.contains(&scope) {
        "every token"
    } else {
        "personal and impersonation tokens"
    }
}

fn door(row: &Row) -> String {
    let prefix = if row.surface == Surface::Rest { "/api/v4" } else { "" };
    format!("`{} {prefix}{}`", row.method.name(), row.path)
}

fn remarks(row: &Row) -> String {
    let mut remarks = Vec::new();
    if row.anonymous {
        remarks.push("without a token where the object is public");
    }
    match row.kinds {
        TokenKinds::ProjectOnly => remarks.push("project tokens only"),
        TokenKinds::PersonalOnly => remarks.push("no bots"),
        TokenKinds::OwnOnly => remarks.push("a person's own token only, not through sudo"),
        TokenKinds::Any => {}
    }
    remarks.join("; ")
}

fn document() -> String {
    let mut text = String::from(
        "# Scopes\n\nMade from the operation table. A token does what its scopes say, within what its user or bot may \
         do, and nothing else.\n\n| scope | what it opens | who can have it |\n| --- | --- | --- |\n",
    );
    for scope in scope::ALL {
        let _ = writeln!(text, "| `{}` | {} | {} |", scope.name(), scope.meaning(), holders(*scope));
    }
    text.push_str("\n## Every door\n\n| door | scopes, one of | remarks |\n| --- | --- | --- |\n");
    for row in operation::all() {
        let scopes = if row.any_scope {
            "any".to_owned()
        } else {
            ScopeSet::names(row.scopes).iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" ")
        };
        let _ = writeln!(text, "| {} | {scopes} | {} |", door(row), remarks(row));
    }
    text
}

#[test]
fn the_document_says_what_the_table_says() {
    let expected = document();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(PATH, &expected).unwrap();
    }
    let found = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(
        found == expected,
        "docs/scopes.md is out of date: run UPDATE_GOLDEN=1 cargo test -p tessera-model"
    );
}
