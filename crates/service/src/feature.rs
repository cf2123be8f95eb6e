//! Feature flags with the meaning that their documentation gives them (P8, D13): the effective value
//! for a project is its own override if there is one, else the global value if one was set, else the
//! flag's default.

use tessera_model::{Error, Result};
use tessera_store::query;

use crate::{Tx, fault};

/// The flag of project access tokens.
pub const RESOURCE_ACCESS_TOKEN: &str = "resource_access_token";

/// A flag that the server knows.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// Its name.
    pub name: &'static str,
    /// Its value until someone sets it.
    pub default: bool,
    /// The part of the product that it belongs to.
    pub group: &'static str,
    /// What it switches, in sentences for people.
    pub meaning: &'static str,
}

/// Every flag that changes what the server does.
pub const DEFINITIONS: &[Definition] = &[Definition {
    name: RESOURCE_ACCESS_TOKEN,
    default: true,
    group: "group::access",
    meaning: "Project access tokens can be made and rotated. Where it is off, tokens that exist go on working, and can \
        still be listed and revoked.",
}];

/// Kinds of gates, as GitLab names them.
pub mod gate {
    /// On or off for everyone; kept as `true` or `false`.
    pub const BOOLEAN: &str = "boolean";
    /// On for one project, user or group; with `:opt_out` at its end, off for it.
    pub const ACTORS: &str = "actors";
    /// On for so many percent of actors.
    pub const PERCENTAGE_OF_ACTORS: &str = "percentage_of_actors";
    /// On so many percent of the time.
    pub const PERCENTAGE_OF_TIME: &str = "percentage_of_time";
    /// On for a registered group of actors; stored and listed.
    pub const GROUPS: &str = "groups";
}

/// The actor by which a project stands in the gates.
pub fn project_actor(project_id: i64) -> String {
    format!("Project:{project_id}")
}

/// The actor by which a project is excepted.
pub fn opt_out(actor: &str) -> String {
    format!("{actor}:opt_out")
}

/// Whether a flag is on for a project.
///
/// # Errors
/// When the database does not answer.
pub(crate) fn is_on_for_project(tx: &mut Tx<'_>, name: &str, project_id: i64) -> Result<bool> {
    let gates = query::features::gates(tx.conn, name).map_err(fault)?;
    let mut byte = [0_u8; 4];
    if gates.iter().any(|(gate, _)| gate == gate::PERCENTAGE_OF_TIME) {
        tx.core.entropy.fill(&mut byte).map_err(Error::from)?;
    }
    let chance = f64::from(u32::from_le_bytes(byte)) / f64::from(u32::MAX) * 100.0;
    Ok(effective(name, &gates, &project_actor(project_id), chance))
}

/// The effective value; `chance` is a random number from 0 to 100 for the gate of time.
pub fn effective(name: &str, gates: &[(String, String)], actor: &str, chance: f64) -> bool {
    let has = |kind: &str, value: &str| gates.iter().any(|(gate, set)| gate == kind && set == value);
    if has(gate::ACTORS, &opt_out(actor)) {
        return false;
    }
    if has(gate::ACTORS, actor) {
        return true;
    }
    let percentage = |kind: &str| {
        let set = gates.iter().find(|(gate, _)| gate == kind);
        set.and_then(|(_, value)| value.parse::<f64>().ok())
    };
    let of_actors = percentage(gate::PERCENTAGE_OF_ACTORS);
    let of_time = percentage(gate::PERCENTAGE_OF_TIME);
    if has(gate::BOOLEAN, "true") {
        return true;
    }
    if of_actors.is_some_and(|part| f64::from(bucket(name, actor)) < part * 1000.0) {
        return true;
    }
    if of_time.is_some_and(|part| chance < part) {
        return true;
    }
    let global_is_set = has(gate::BOOLEAN, "false") || of_actors.is_some() || of_time.is_some();
    !global_is_set && DEFINITIONS.iter().any(|known| known.name == name && known.default)
}

/// The place of an actor among 100,000, as Flipper computes it (semantics sheet 4.2).
fn bucket(name: &str, actor: &str) -> u32 {
    crc32fast::hash(format!("{name}{actor}").as_bytes()) % 100_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(gates: &[(&str, &str)]) -> bool {
        let gates: Vec<_> =
            gates.iter().map(|(gate, value)| ((*gate).to_owned(), (*value).to_owned())).collect();
        effective(RESOURCE_ACCESS_TOKEN, &gates, "Project:52", 50.0)
    }

    #[test]
    fn never_set_is_the_default_and_an_override_of_another_project_changes_nothing() {
        assert!(on(&[]));
        assert!(on(&[("actors", "Project:53:opt_out")]));
    }

    #[test]
    fn a_project_can_be_off_while_the_flag_is_on_and_the_reverse() {
        assert!(!on(&[("actors", "Project:52:opt_out")]));
        assert!(!on(&[("boolean", "true"), ("actors", "Project:52:opt_out")]));
        assert!(!on(&[("boolean", "false")]));
        assert!(on(&[("boolean", "false"), ("actors", "Project:52")]));
    }

    #[test]
    fn percentages() {
        assert!(on(&[("percentage_of_time", "51")]));
        assert!(!on(&[("percentage_of_time", "49")]));
        assert!(on(&[("percentage_of_actors", "100")]));
        assert!(!on(&[("percentage_of_actors", "0")]));
    }
}
