//! A record of the log as the page shows it.

use serde_json::Value;
use tessera_service::audit::list::Entry;

use crate::ui::when;
use crate::view::audit_event::message;

/// A record.
pub(crate) struct Line {
    pub(crate) id: i64,
    pub(crate) iso: String,
    /// To the second, in UTC.
    pub(crate) exact: String,
    pub(crate) author: String,
    /// The display name, while there is that account.
    pub(crate) name: String,
    pub(crate) author_href: String,
    pub(crate) action: String,
    /// The action as a person says it.
    pub(crate) words: String,
    pub(crate) subject: String,
    /// Where the project, group or user is that it belongs to.
    pub(crate) place: String,
    pub(crate) address: String,
    pub(crate) door: &'static str,
    pub(crate) details: Vec<(String, String)>,
    pub(crate) request: String,
}

impl Line {
    pub(super) fn of(entry: &Entry) -> Self {
        let record = &entry.event.record;
        let iso = record.created_at.to_string();
        let known = entry.author.as_ref();
        Self {
            id: entry.event.id,
            exact: format!(
                "{}, {}",
                when::day(record.created_at.date()),
                iso.get(11..19).unwrap_or_default()
            ),
            iso,
            name: known.map(|(name, _)| name.clone()).unwrap_or_default(),
            author_href: known.map(|_| format!("/admin/users/{}", record.actor_username)).unwrap_or_default(),
            author: record.actor_username.clone(),
            words: message(&record.action),
            action: record.action.clone(),
            subject: match (&*record.target_kind, &*record.target_name) {
                (kind, "") => kind.to_owned(),
                (kind, name) => format!("{} {name}", kind.replace('_', " ")),
            },
            place: entry.entity_path.clone().unwrap_or_default(),
            address: record.address.clone(),
            door: door(&record.surface),
            details: details(&record.details),
            request: record.request_id.clone(),
        }
    }
}

/// By what somebody came.
fn door(surface: &str) -> &'static str {
    match surface {
        "rest" => "REST API",
        "git" => "Git",
        "ui" => "Pages",
        _ => "Command line or server",
    }
}

/// What else there is to know, field by field.
fn details(text: &str) -> Vec<(String, String)> {
    let Ok(Value::Object(fields)) = serde_json::from_str(text) else { return Vec::new() };
    let told = fields.into_iter().filter(|(_, value)| !is_nothing(value));
    told.map(|(name, value)| (name.replace('_', " "), words(&value))).collect()
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// A value for people: lists with commas, changes with an arrow.
fn words(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(on) => String::from(if *on { "yes" } else { "no" }),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "nothing".to_owned(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => match (fields.get("from"), fields.get("to")) {
            (Some(from), Some(to)) if fields.len() == 2 => format!("{} → {}", words(from), words(to)),
            _ => {
                let all = fields
                    .iter()
                    .map(|(name, value)| format!("{}: {}", name.replace('_', " "), words(value)));
                all.collect::<Vec<_>>().join("; ")
            }
        },
        Value::Number(number) => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_said_in_words() {
        let told = details(
            r#"{"scopes":["api","read_api"],"from":null,"ends_on":{"from":null,"to":"2027-01-01"},"admin":true,"gates":{"from":[],"to":[["boolean","true"]]}}"#,
        );
        let told: Vec<String> = told.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            told,
            [
                "scopes=api, read_api",
                "ends on=nothing → 2027-01-01",
                "admin=yes",
                "gates=nothing → boolean, true"
            ]
        );
        assert_eq!(details("no json"), []);
    }
}
