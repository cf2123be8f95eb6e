//! Instance settings.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tessera_model::operation::Operation;
use tessera_model::setting::{self, SETTINGS};
use tessera_model::{Error, Result};
use tessera_store::{Conn, DbError, query};

use crate::audit::Event;
use crate::{Authorized, Tx, fault, two_factor};

/// The value of a setting: what was put in, or its default.
pub(crate) fn value(conn: &mut dyn Conn, name: &'static str) -> Result<Value, DbError> {
    let stored = query::settings::one(conn, name)?;
    Ok(read(name, stored.as_deref()))
}

fn read(name: &str, stored: Option<&str>) -> Value {
    let value = stored.and_then(|text| serde_json::from_str(text).ok());
    value.unwrap_or_else(|| setting::find(name).map_or(Value::Null, setting::Setting::default_value))
}

/// The values of some settings, by one query.
pub(crate) fn values<const N: usize>(
    conn: &mut dyn Conn,
    names: [&'static str; N],
) -> Result<[Value; N], DbError> {
    let stored = query::settings::all(conn)?;
    Ok(names.map(|name| {
        let stored = stored.iter().find(|(known, _)| known == name);
        read(name, stored.map(|(_, text)| text.as_str()))
    }))
}

/// Every setting with its value.
///
/// # Errors
/// When the database does not answer.
pub fn all<Op: Operation>(
    tx: &mut Tx<'_>,
    _instance: &Authorized<'_, Op, ()>,
) -> Result<BTreeMap<String, Value>> {
    let mut values: BTreeMap<String, Value> =
        SETTINGS.iter().map(|setting| (setting.name.to_owned(), setting.default_value())).collect();
    for (name, text) in query::settings::all(tx.conn).map_err(fault)? {
        if let (Some(_), Ok(value)) = (setting::find(&name), serde_json::from_str(&text)) {
            values.insert(name, value);
        }
    }
    Ok(values)
}

/// Changes settings; every value is looked at before any is changed.
///
/// # Errors
/// 400 with every complaint.
pub fn update<Op: Operation>(
    tx: &mut Tx<'_>,
    _instance: &Authorized<'_, Op, ()>,
    changes: &Map<String, Value>,
) -> Result<()> {
    let mut complaints = Vec::new();
    let mut accepted = Vec::new();
    for (name, given) in changes {
        let Some(setting) = setting::find(name) else { continue };
        match setting.accept(given) {
            Ok(value) => accepted.push((setting.name, value)),
            Err(complaint) => complaints.push((setting.name, complaint)),
        }
    }
    if !complaints.is_empty() {
        return Err(Error::Invalid(complaints));
    }
    for (name, new) in accepted {
        let old = value(tx.conn, name).map_err(fault)?;
        if old == new {
            continue;
        }
        query::settings::put(tx.conn, name, &new.to_string()).map_err(fault)?;
        if name == two_factor::REQUIRED {
            // Whoever is asked has the whole time, however it went when they were asked before.
            query::two_factor::forget_grace(tx.conn).map_err(fault)?;
        }
        let details = json!({ "from": old, "to": new });
        tx.audit(&Event {
            action: "setting.update",
            target: ("setting", None, name),
            project_id: None,
            details,
        })?;
    }
    Ok(())
}
