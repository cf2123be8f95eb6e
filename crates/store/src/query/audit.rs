//! The audit log: rows are added, never changed.

use tessera_model::time::Timestamp;

use crate::sql::{Conn, DbError, Value};

queries! {
    ADD = "INSERT INTO audit_events (created_at, action, actor_id, actor_username, token_id, target_kind, target_id,
        target_name, project_id, address, request_id, surface, details)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    COUNT = "SELECT COUNT(*) FROM audit_events WHERE action = ?1";
}

/// What happened, to what, by whom.
pub struct Event<'a> {
    /// What was done, as `noun.verb`.
    pub action: &'a str,
    /// Who did it: number and username.
    pub actor: (Option<i64>, &'a str),
    /// With which token.
    pub token_id: Option<i64>,
    /// To what: its kind, number and name.
    pub target: (&'a str, Option<i64>, &'a str),
    /// In which project.
    pub project_id: Option<i64>,
    /// From which address.
    pub address: &'a str,
    /// In which request.
    pub request_id: &'a str,
    /// Through which door.
    pub surface: &'a str,
    /// What else there is to know, as JSON text.
    pub details: &'a str,
}

/// Writes a row.
pub fn add(conn: &mut dyn Conn, event: &Event<'_>, now: Timestamp) -> Result<(), DbError> {
    let args = [
        now.into(),
        Value::from(event.action),
        event.actor.0.into(),
        event.actor.1.into(),
        event.token_id.into(),
        event.target.0.into(),
        event.target.1.into(),
        event.target.2.into(),
        event.project_id.into(),
        event.address.into(),
        event.request_id.into(),
        event.surface.into(),
        event.details.into(),
    ];
    conn.exec(ADD, &args).map(drop)
}

/// How many rows tell of this action.
pub fn count(conn: &mut dyn Conn, action: &str) -> Result<i64, DbError> {
    conn.number(COUNT, &[action.into()])
}
