//! Setting a flag or one of its gates (semantics sheet 4.3), with the meaning of D13.

use serde_json::json;
use tessera_model::operation::Operation;
use tessera_model::{Error, Result};
use tessera_store::{DbError, query};

pub use super::targets::Names;
use super::targets::Target;
use super::{Flag, KEPT_OUT, definition};
use crate::audit::Event;
use crate::feature::{gate, opt_out};
use crate::{Authorized, Tx, fault};

/// Longest name of a flag, in characters.
const LONGEST_NAME: usize = 255;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The flag.
    pub name: String,
    /// `true`, `false`, a percentage, `opt_out` or `remove_opt_out`.
    pub value: String,
    /// What a percentage is of: `percentage_of_actors` or `percentage_of_time`, the default.
    pub key: Option<String>,
    /// For whom; for everyone when nobody is named.
    pub names: Names,
    /// Whether a flag that the server does not know is set nevertheless.
    pub force: bool,
}

/// What to do with a flag.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
    Enable,
    Disable,
    OptOut,
    RemoveOptOut,
    Percentage(&'static str, f64),
}

/// Sets a flag, for everyone or for those who are named.
///
/// # Errors
/// 400 with GitLab's sentence for flags without a definition, unknown names and values without meaning.
pub fn set<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    change: &Change,
) -> Result<Flag> {
    let name = change.name.as_str();
    if !change.force {
        must_be_defined(name)?;
    }
    let targets = change.names.find(tx)?;
    let global = !change.names.any();
    let act = act(&change.value, change.key.as_deref(), global, &targets)
        .map_err(|why| Error::bad_request(format!("Cannot set '{name}' {why}")))?;
    let before = gates(tx, name)?;
    if global {
        for_everyone(tx, name, act)?;
    } else {
        for_each(tx, name, act, &targets)?;
    }
    let names: Vec<&str> = targets.iter().map(Target::reference).collect();
    let gates = json!({ "from": before, "to": gates(tx, name)? });
    let details = json!({ "value": change.value, "key": change.key, "targets": names, "gates": gates });
    tell(tx, name, &targets, details)?;
    super::read(tx, name)
}

/// Refuses flags that the server does not know.
pub(super) fn must_be_defined(name: &str) -> Result<()> {
    if definition(name).is_some() {
        return Ok(());
    }
    Err(Error::bad_request(format!(
        "The '{name}' does not have feature flag definition, and thus it cannot be used as a feature flag name. \
         Use `force` to disable this validation."
    )))
}

/// What a value asks for, in GitLab's order of trying; an error is the rest of its sentence.
fn act(value: &str, key: Option<&str>, global: bool, targets: &[Target]) -> Result<Act, String> {
    // A percentage of 0 or 100 is off or on, whatever it is of.
    match value {
        "true" | "100" | "100.0" => return Ok(Act::Enable),
        "false" | "0" | "0.0" => return Ok(Act::Disable),
        "opt_out" if !global => return Ok(Act::OptOut),
        "remove_opt_out" if !global => return Ok(Act::RemoveOptOut),
        _ => {}
    }
    let nonsense = || match (targets.first(), key) {
        (Some(target), _) => format!("to {value:?} for {}", target.reference()),
        (None, Some(key)) => format!("({key:?}) to {value:?}"),
        (None, None) => format!("to {value:?}"),
    };
    let of = match key {
        _ if !global => return Err(nonsense()),
        Some(gate::PERCENTAGE_OF_ACTORS) => gate::PERCENTAGE_OF_ACTORS,
        Some(gate::PERCENTAGE_OF_TIME) | None => gate::PERCENTAGE_OF_TIME,
        Some(_) => return Err(nonsense()),
    };
    percentage(value).map(|part| Act::Percentage(of, part)).ok_or_else(nonsense)
}

/// Digits, perhaps with a fraction, up to 100.
fn percentage(value: &str) -> Option<f64> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number: f64 = (digits(whole) && digits(fraction)).then(|| value.parse().ok())??;
    (number <= 100.0).then_some(number)
}

fn for_everyone(tx: &mut Tx<'_>, name: &str, act: Act) -> Result<()> {
    if let Act::Percentage(of, part) = act {
        if super::read(tx, name)?.state() == "on" {
            let what = of.replace('_', " ");
            return Err(Error::bad_request(format!("Cannot enable {what} for a fully-enabled flag")));
        }
        add(tx, name)?;
        query::features::clear_gate(tx.conn, name, of).map_err(fault)?;
        return query::features::add_gate(tx.conn, name, of, &part.to_string()).map_err(fault);
    }
    // What is set for everyone takes the place of all that was, but for projects' own overrides (D13).
    add(tx, name)?;
    for kind in [gate::BOOLEAN, gate::PERCENTAGE_OF_ACTORS, gate::PERCENTAGE_OF_TIME, gate::GROUPS] {
        query::features::clear_gate(tx.conn, name, kind).map_err(fault)?;
    }
    let value = if act == Act::Enable { "true" } else { "false" };
    query::features::add_gate(tx.conn, name, gate::BOOLEAN, value).map_err(fault)
}

fn for_each(tx: &mut Tx<'_>, name: &str, act: Act, targets: &[Target]) -> Result<()> {
    add(tx, name)?;
    for target in targets {
        match target {
            Target::Group(group) => match act {
                Act::Enable => query::features::add_gate(tx.conn, name, gate::GROUPS, group),
                Act::Disable => query::features::remove_gate(tx.conn, name, gate::GROUPS, group),
                // Groups have no exceptions, and as in GitLab that is no error.
                _ => Ok(()),
            }
            .map_err(fault)?,
            Target::Actor { actor, reference, project_id } => {
                for_actor(tx, name, act, actor, reference, project_id.is_some())?;
            }
        }
    }
    Ok(())
}

fn for_actor(
    tx: &mut Tx<'_>,
    name: &str,
    act: Act,
    actor: &str,
    reference: &str,
    is_project: bool,
) -> Result<()> {
    let gates = query::features::gates(tx.conn, name).map_err(fault)?;
    let has = |kind: &str, value: &str| gates.iter().any(|(gate, set)| gate == kind && set == value);
    let excepted = opt_out(actor);
    match act {
        Act::Enable if has(KEPT_OUT, actor) => {
            let text = format!("Opt-out exists for {reference} - remove opt-out before enabling");
            return Err(Error::bad_request(text));
        }
        Act::RemoveOptOut if !has(gate::ACTORS, &excepted) => {
            return Err(Error::bad_request(format!("No opt-out exists for {reference}")));
        }
        _ => {}
    }
    // "Off" for a project is an override of its own (D13); elsewhere it takes the actor away.
    let except = act == Act::OptOut || (act == Act::Disable && is_project && definition(name).is_some());
    let done = (|| {
        let conn = &mut *tx.conn;
        match act {
            Act::Enable => query::features::add_gate(conn, name, gate::ACTORS, actor)?,
            Act::Disable => query::features::remove_gate(conn, name, gate::ACTORS, actor)?,
            _ => {}
        }
        if act == Act::OptOut {
            query::features::add_gate(conn, name, KEPT_OUT, actor)?;
        } else if act == Act::RemoveOptOut {
            query::features::remove_gate(conn, name, KEPT_OUT, actor)?;
        }
        if except {
            query::features::add_gate(conn, name, gate::ACTORS, &excepted)
        } else if act != Act::Disable {
            query::features::remove_gate(conn, name, gate::ACTORS, &excepted)
        } else {
            Ok::<_, DbError>(())
        }
    })();
    done.map_err(fault)
}

fn add(tx: &mut Tx<'_>, name: &str) -> Result<()> {
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(Error::bad_request(format!("The name of a flag has 1 to {LONGEST_NAME} characters")));
    }
    query::features::add(tx.conn, name, tx.now).map_err(fault)
}

fn tell(tx: &mut Tx<'_>, name: &str, targets: &[Target], details: serde_json::Value) -> Result<()> {
    let project_id = match targets {
        [Target::Actor { project_id, .. }] => *project_id,
        _ => None,
    };
    tx.audit(&Event { action: "feature.set", target: ("feature", None, name), project_id, details })
}

/// All that is set of a flag, as the audit log tells it.
pub(super) fn gates(tx: &mut Tx<'_>, name: &str) -> Result<Vec<(String, String)>> {
    query::features::gates(tx.conn, name).map_err(fault)
}

/// Turns a flag on or off for everyone or for one project.
pub(super) fn turn(tx: &mut Tx<'_>, name: &str, on: bool, target: Option<Target>) -> Result<Flag> {
    let act = if on { Act::Enable } else { Act::Disable };
    let targets: Vec<Target> = target.into_iter().collect();
    let before = gates(tx, name)?;
    if targets.is_empty() {
        for_everyone(tx, name, act)?;
    } else {
        for_each(tx, name, act, &targets)?;
    }
    let names: Vec<&str> = targets.iter().map(Target::reference).collect();
    let gates = json!({ "from": before, "to": gates(tx, name)? });
    tell(tx, name, &targets, json!({ "value": on.to_string(), "targets": names, "gates": gates }))?;
    super::read(tx, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn global(value: &str, key: Option<&str>) -> Result<Act, String> {
        act(value, key, true, &[])
    }

    #[test]
    fn values_for_everyone() {
        const ACTORS: Option<&str> = Some("percentage_of_actors");
        assert_eq!(global("true", None), Ok(Act::Enable));
        assert_eq!(global("100", ACTORS), Ok(Act::Enable));
        assert_eq!(global("0.0", ACTORS), Ok(Act::Disable));
        assert_eq!(global("30", None), Ok(Act::Percentage(gate::PERCENTAGE_OF_TIME, 30.0)));
        assert_eq!(global("2.5", ACTORS), Ok(Act::Percentage(gate::PERCENTAGE_OF_ACTORS, 2.5)));
        assert_eq!(global("maybe", None), Err("to \"maybe\"".to_owned()));
        assert_eq!(global("opt_out", None), Err("to \"opt_out\"".to_owned()));
        assert_eq!(global("5", Some("x")), Err("(\"x\") to \"5\"".to_owned()));
        for value in ["-1", "101", "1e1", ".5", "5.", "", "NaN", "inf"] {
            assert!(global(value, None).is_err(), "{value}");
        }
    }

    #[test]
    fn values_for_somebody() {
        let target =
            Target::Actor { actor: "User:7".to_owned(), reference: "@u".to_owned(), project_id: None };
        let one = |value: &str| act(value, None, false, std::slice::from_ref(&target));
        assert_eq!(one("opt_out"), Ok(Act::OptOut));
        assert_eq!(one("remove_opt_out"), Ok(Act::RemoveOptOut));
        assert_eq!(one("false"), Ok(Act::Disable));
        assert_eq!(one("30"), Err("to \"30\" for @u".to_owned()));
    }
}
