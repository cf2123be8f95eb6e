//! Instance settings (`/application/settings`): names, defaults and what may be put in.

use serde_json::{Value, json};

/// What a setting holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// True or false.
    Boolean,
    /// A whole number in a range.
    Integer(i64, i64),
    /// A whole number in a range, or null.
    OptionalInteger(i64, i64),
    /// Text of at most so many characters.
    Text(usize),
    /// One of some words.
    Choice(&'static [&'static str]),
    /// At most so many texts of at most so many characters each.
    List(usize, usize),
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it holds.
    pub form: Form,
    /// Its value until someone sets it, as JSON text.
    pub default: &'static str,
}

const fn setting(name: &'static str, form: Form, default: &'static str) -> Setting {
    Setting { name, form, default }
}

/// What happens when a rotated secret is presented again (D22).
pub const REUSE_RESPONSES: &[&str] = &["revoke_family", "audit_only"];

use Form::{Boolean, Choice, Integer, List, OptionalInteger, Text};

/// Every setting that has an effect here, in alphabetical order.
pub const SETTINGS: &[Setting] = &[
    setting("allow_local_requests_from_web_hooks_and_services", Boolean, "false"),
    setting("allow_token_in_query", Boolean, "true"),
    setting("audit_events_delete_after_days", OptionalInteger(1, 36_500), "null"),
    setting("can_create_group", Boolean, "true"),
    setting("default_branch_name", Text(255), "null"),
    setting("default_branch_protection", Integer(0, 4), "2"),
    setting("default_group_visibility", Choice(crate::visibility::NAMES), "\"private\""),
    setting("default_project_visibility", Choice(crate::visibility::NAMES), "\"private\""),
    setting("default_projects_limit", Integer(0, 1_000_000_000), "100000"),
    setting("enforce_pat_expiration", Boolean, "true"),
    setting("inactive_resource_access_tokens_delete_after_days", OptionalInteger(1, 36_500), "30"),
    setting("last_used_refresh_hours", Integer(0, 8760), "24"),
    setting("max_personal_access_token_lifetime", OptionalInteger(1, 36_500), "null"),
    setting("minimum_password_length", Integer(8, 128), "8"),
    setting("outbound_local_requests_whitelist", List(1000, 255), "[]"),
    setting("password_authentication_enabled_for_git", Boolean, "true"),
    setting("personal_access_token_prefix", Text(20), "\"glpat-\""),
    setting("require_personal_access_token_expiry", Boolean, "false"),
    setting("require_two_factor_authentication", Boolean, "false"),
    setting("resource_access_token_change_notices", Boolean, "true"),
    setting("resource_access_token_notify_inherited", Boolean, "true"),
    setting("signup_enabled", Boolean, "false"),
    setting("token_expiry_notice_30_days", Boolean, "true"),
    setting("token_expiry_notice_60_days", Boolean, "true"),
    setting("token_reuse_response", Choice(REUSE_RESPONSES), "\"revoke_family\""),
    setting("token_usage_retention_days", Integer(0, 3650), "30"),
    setting("two_factor_grace_period", Integer(0, 1_000_000), "48"),
    setting("user_cap", OptionalInteger(1, 1_000_000_000), "null"),
    setting("user_default_external", Boolean, "false"),
];

/// The setting of this name.
pub fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

impl Setting {
    /// Its default as a value.
    pub fn default_value(&self) -> Value {
        serde_json::from_str(self.default).unwrap_or(Value::Null)
    }

    /// Takes a value as a request gives it: a JSON value, or text from a form.
    ///
    /// # Errors
    /// The complaint, without the setting's name.
    pub fn accept(&self, given: &Value) -> Result<Value, String> {
        let blank = given.is_null() || given.as_str().is_some_and(str::is_empty);
        match self.form {
            Boolean => boolean(given).map(Value::Bool).ok_or_else(|| "is invalid".to_owned()),
            OptionalInteger(..) if blank => Ok(Value::Null),
            Integer(low, high) | OptionalInteger(low, high) => {
                let number = integer(given).ok_or_else(|| "is not a number".to_owned())?;
                if number < low {
                    return Err(format!("must be greater than or equal to {low}"));
                }
                if number > high {
                    return Err(format!("must be less than or equal to {high}"));
                }
                Ok(json!(number))
            }
            Text(_) if blank => Ok(if self.default == "null" { Value::Null } else { json!("") }),
            Text(longest) => {
                let text = given.as_str().ok_or_else(|| "is invalid".to_owned())?;
                if text.chars().count() > longest {
                    return Err(format!("is too long (maximum is {longest} characters)"));
                }
                if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
                    return Err("is invalid".to_owned());
                }
                Ok(json!(text))
            }
            Choice(words) => match given.as_str() {
                Some(word) if words.contains(&word) => Ok(json!(word)),
                _ => Err("is not included in the list".to_owned()),
            },
            List(most, longest) => list(given, most, longest),
        }
    }
}

/// Texts as JSON lists them, or parted by commas or line breaks.
fn list(given: &Value, most: usize, longest: usize) -> Result<Value, String> {
    let texts: Option<Vec<&str>> = match given {
        Value::Null => Some(Vec::new()),
        Value::String(text) => Some(text.split([',', '\n']).collect()),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    };
    let texts = texts.ok_or_else(|| "is invalid".to_owned())?;
    let texts: Vec<&str> = texts.into_iter().map(str::trim).filter(|text| !text.is_empty()).collect();
    if texts.len() > most {
        return Err(format!("is too long (maximum is {most} entries)"));
    }
    if texts.iter().any(|text| text.chars().count() > longest) {
        return Err(format!("is too long (maximum is {longest} characters)"));
    }
    Ok(json!(texts))
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(1) => Some(true),
            Some(0) => Some(false),
            _ => None,
        },
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "t" | "yes" | "on" => Some(true),
            "false" | "0" | "f" | "no" | "off" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_value_that_would_be_accepted() {
        for setting in SETTINGS {
            assert_eq!(
                setting.accept(&setting.default_value()),
                Ok(setting.default_value()),
                "{}",
                setting.name
            );
        }
        assert!(SETTINGS.is_sorted_by_key(|setting| setting.name));
    }

    #[test]
    fn numbers_have_bounds_and_texts_lengths() {
        let lifetime = find("max_personal_access_token_lifetime").unwrap();
        assert_eq!(lifetime.accept(&json!("")), Ok(Value::Null));
        assert_eq!(lifetime.accept(&json!("90")), Ok(json!(90)));
        assert_eq!(lifetime.accept(&json!(0)), Err("must be greater than or equal to 1".to_owned()));
        let list = find("outbound_local_requests_whitelist").unwrap();
        assert_eq!(list.accept(&json!("a.test, 10.0.0.0/8\n")), Ok(json!(["a.test", "10.0.0.0/8"])));
        assert_eq!(list.accept(&json!([])), Ok(json!([])));
        assert!(list.accept(&json!([1])).is_err() && list.accept(&json!(["x".repeat(256)])).is_err());
        let prefix = find("personal_access_token_prefix").unwrap();
        assert!(prefix.accept(&json!("x".repeat(21))).is_err());
        assert!(prefix.accept(&json!("two words")).is_err());
    }
}
