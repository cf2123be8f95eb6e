//! How tokens are printed.

use serde::Serialize;
use tessera_model::role::Role;
use tessera_model::time::{Date, Timestamp};
use tessera_model::token::{Token, TokenKind};
use tessera_service::tokens::Minted;
use tessera_service::tokens::inventory::Item;
use tessera_service::tokens::uses::Entry;

use crate::commands::table;

/// A token for machines; the keys are those of the REST API, and a few that only the operator needs.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    id: i64,
    kind: &'static str,
    name: &'a str,
    description: Option<&'a str>,
    user: &'a str,
    user_id: i64,
    project: Option<&'a str>,
    project_id: Option<i64>,
    role: Option<&'static str>,
    scopes: Vec<&'static str>,
    state: &'static str,
    active: bool,
    revoked: bool,
    expires_at: Option<Date>,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    last_used_ips: &'a [String],
    #[serde(flatten)]
    record: Option<Record<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

/// What is known of a token beside its own row.
#[derive(Serialize)]
struct Record<'a> {
    bot: bool,
    created_by: &'a str,
    created_by_id: Option<i64>,
    revoked_at: Option<Timestamp>,
    revoked_by: Option<&'a str>,
}

impl Row<'_> {
    pub(super) fn id(&self) -> i64 {
        self.id
    }
}

fn row<'a>(token: &'a Token, active: bool, state: &'static str) -> Row<'a> {
    Row {
        id: token.id,
        kind: token.kind.name(),
        name: &token.name,
        description: token.description.as_deref(),
        user: &token.bearer_username,
        user_id: token.bearer_id,
        project: None,
        project_id: token.project_id,
        role: token.role.map(Role::name),
        scopes: token.scopes.names(),
        state,
        active,
        revoked: token.revoked,
        expires_at: token.expires_on,
        created_at: token.created_at,
        last_used_at: token.last_used_at,
        last_used_ips: &token.last_used_ips,
        record: None,
        token: None,
    }
}

/// A new token with its secret.
pub(super) fn minted(minted: &Minted) -> Row<'_> {
    let state = if minted.active { "active" } else { "expired" };
    Row { token: Some(minted.secret.expose()), ..row(&minted.token, minted.active, state) }
}

/// A token without its secret.
pub(super) fn shown(item: &Item, today: Date) -> Row<'_> {
    let token = &item.shown.token;
    let over = token.expires_on.is_some_and(|end| end <= today);
    let state = match (item.shown.active, token.revoked) {
        (true, _) => "active",
        (false, true) => "revoked",
        (false, false) if over => "expired",
        (false, false) => "inactive",
    };
    let record = Record {
        bot: token.kind == TokenKind::Project,
        created_by: &item.created_by.1,
        created_by_id: item.created_by.0,
        revoked_at: item.revoked_at,
        revoked_by: item.revoked_by.as_deref(),
    };
    Row {
        project: item.project.as_deref(),
        user: item.username(),
        record: Some(record),
        ..row(token, item.shown.active, state)
    }
}

/// Tokens for people.
pub(super) fn table(rows: &[Row<'_>]) -> String {
    let cells = |row: &Row<'_>| {
        vec![
            row.id.to_string(),
            row.kind.to_owned(),
            row.user.to_owned(),
            row.project.unwrap_or("-").to_owned(),
            row.state.to_owned(),
            row.scopes.join(","),
            or_dash(row.expires_at),
            or_dash(row.last_used_at.map(Timestamp::date)),
            row.name.to_owned(),
        ]
    };
    let rows: Vec<_> = rows.iter().map(cells).collect();
    table::table(&["ID", "KIND", "USER", "PROJECT", "STATE", "SCOPES", "EXPIRES", "LAST USED", "NAME"], &rows)
}

/// One token for people.
pub(super) fn facts(row: &Row<'_>) -> String {
    table::facts(&[
        ("id", row.id.to_string()),
        ("kind", row.kind.to_owned()),
        ("name", row.name.to_owned()),
        ("description", row.description.unwrap_or("-").to_owned()),
        ("user", format!("{} ({})", row.user, row.user_id)),
        ("project", row.project.unwrap_or("-").to_owned()),
        ("role", row.role.unwrap_or("-").to_owned()),
        ("state", row.state.to_owned()),
        ("scopes", row.scopes.join(",")),
        ("expires", or_dash(row.expires_at)),
        ("created", created(row)),
        ("revoked", or_dash(revoked(row))),
        ("last used", or_dash(row.last_used_at)),
        ("from", if row.last_used_ips.is_empty() { "-".to_owned() } else { row.last_used_ips.join(" ") }),
    ])
}

/// The lines of a token's ledger for people, the newest first.
pub(super) fn ledger(uses: &[Entry]) -> String {
    if uses.is_empty() {
        return String::new();
    }
    let cells = |entry: &Entry| {
        vec![
            minute(entry).to_string(),
            entry.address.clone(),
            entry.operation.clone(),
            or_dash(entry.project_id),
            format!("{}xx", entry.class),
            entry.uses.to_string(),
        ]
    };
    let rows: Vec<_> = uses.iter().map(cells).collect();
    format!("\n{}", table::table(&["USED", "FROM", "OPERATION", "PROJECT", "STATUS", "COUNT"], &rows))
}

fn minute(entry: &Entry) -> Timestamp {
    Timestamp::from_seconds(entry.minute * 60)
}

/// A token with its ledger, for machines.
#[derive(Serialize)]
pub(super) struct WithLedger<'a> {
    #[serde(flatten)]
    row: Row<'a>,
    usage: Vec<Use<'a>>,
}

#[derive(Serialize)]
struct Use<'a> {
    used_at: Timestamp,
    address: &'a str,
    operation: &'a str,
    project_id: Option<i64>,
    status: String,
    count: i64,
}

/// A token with its ledger, for machines.
pub(super) fn with_ledger<'a>(row: Row<'a>, uses: &'a [Entry]) -> WithLedger<'a> {
    let line = |entry: &'a Entry| Use {
        used_at: minute(entry),
        address: &entry.address,
        operation: &entry.operation,
        project_id: entry.project_id,
        status: format!("{}xx", entry.class),
        count: entry.uses,
    };
    WithLedger { row, usage: uses.iter().map(line).collect() }
}

fn created(row: &Row<'_>) -> String {
    match &row.record {
        Some(record) => format!("{} by {}", row.created_at, record.created_by),
        None => row.created_at.to_string(),
    }
}

fn revoked(row: &Row<'_>) -> Option<String> {
    let record = row.record.as_ref()?;
    Some(format!("{} by {}", record.revoked_at?, record.revoked_by.unwrap_or("-")))
}

fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}
