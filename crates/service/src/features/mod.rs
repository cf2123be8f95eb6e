//! Setting and reading feature flags, for the REST API and for whoever operates the server. What a flag
//! means stands in [`crate::feature`].

pub mod definitions;
pub mod delete;
pub mod list;
pub mod overview;
pub mod reset;
pub mod set;
pub mod switch;
mod targets;

use tessera_model::Result;
use tessera_store::query;

use crate::feature::{DEFINITIONS, Definition, gate};
use crate::{Tx, fault};

/// A gate that is kept but never listed: an actor that was excepted by name (`opt_out`). Such an exception
/// must be lifted before the actor can be enabled, unlike that of a plain "off".
const KEPT_OUT: &str = "kept_out";

/// A flag that was set, with its gates.
#[derive(Clone, Debug)]
pub struct Flag {
    /// Its name.
    pub name: String,
    /// Whether it is on for everyone.
    pub boolean: bool,
    /// For whom it is on, or with `:opt_out` at the end, off.
    pub actors: Vec<String>,
    /// For how many percent of actors it is on.
    pub percentage_of_actors: f64,
    /// How many percent of the time it is on.
    pub percentage_of_time: f64,
    /// For which registered groups it is on.
    pub groups: Vec<String>,
    /// What the server knows of it.
    pub definition: Option<&'static Definition>,
}

impl Flag {
    fn new(name: &str, gates: Vec<(String, String)>) -> Self {
        let mut flag = Self {
            name: name.to_owned(),
            boolean: false,
            actors: Vec::new(),
            percentage_of_actors: 0.0,
            percentage_of_time: 0.0,
            groups: Vec::new(),
            definition: definition(name),
        };
        for (gate, value) in gates {
            match gate.as_str() {
                gate::BOOLEAN => flag.boolean = value == "true",
                gate::ACTORS => flag.actors.push(value),
                gate::PERCENTAGE_OF_ACTORS => flag.percentage_of_actors = value.parse().unwrap_or(0.0),
                gate::PERCENTAGE_OF_TIME => flag.percentage_of_time = value.parse().unwrap_or(0.0),
                gate::GROUPS => flag.groups.push(value),
                _ => {}
            }
        }
        flag
    }

    /// `on`, `off`, or `conditional` when it depends on who asks or when.
    pub fn state(&self) -> &'static str {
        let conditional = !self.actors.is_empty()
            || !self.groups.is_empty()
            || self.percentage_of_actors > 0.0
            || self.percentage_of_time > 0.0;
        match self {
            _ if self.boolean || self.percentage_of_time >= 100.0 => "on",
            _ if conditional => "conditional",
            _ => "off",
        }
    }
}

/// What the server knows of the flag of this name.
fn definition(name: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|known| known.name == name)
}

fn read(tx: &mut Tx<'_>, name: &str) -> Result<Flag> {
    Ok(Flag::new(name, query::features::gates(tx.conn, name).map_err(fault)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flag(gates: &[(&str, &str)]) -> Flag {
        Flag::new("f", gates.iter().map(|(gate, value)| ((*gate).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn states() {
        assert_eq!(flag(&[]).state(), "off");
        assert_eq!(flag(&[("boolean", "false")]).state(), "off");
        assert_eq!(flag(&[("boolean", "true"), ("actors", "Project:1:opt_out")]).state(), "on");
        assert_eq!(flag(&[("percentage_of_time", "100")]).state(), "on");
        assert_eq!(flag(&[("percentage_of_time", "99.5")]).state(), "conditional");
        assert_eq!(flag(&[("percentage_of_actors", "100")]).state(), "conditional");
        assert_eq!(flag(&[("boolean", "false"), ("actors", "Project:1")]).state(), "conditional");
        assert_eq!(flag(&[("groups", "team")]).state(), "conditional");
        assert_eq!(flag(&[("kept_out", "Project:1")]).state(), "off");
    }

    #[test]
    fn only_known_flags_have_a_definition() {
        assert!(Flag::new(crate::feature::RESOURCE_ACCESS_TOKEN, Vec::new()).definition.is_some());
        assert!(flag(&[]).definition.is_none());
    }
}
