//! Every flag at a glance: those that the server knows, and those that were only stored.

use std::collections::BTreeMap;

use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_store::query;

use super::{Flag, definition};
use crate::feature::{DEFINITIONS, gate, opt_out, project_actor};
use crate::{Authorized, Tx, fault};

/// A flag with what is set of it.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The flag and its gates.
    pub flag: Flag,
    /// What was set for everyone; `None`: nothing, so that the default counts.
    pub global: Option<bool>,
    /// Exceptions of one actor each.
    pub overrides: Vec<Override>,
}

/// What is set for one actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The actor, such as `Project:52`.
    pub actor: String,
    /// The full path of the project that it is, while there is that project.
    pub project: Option<String>,
    /// Whether the flag is on for it.
    pub on: bool,
}

/// Reads all flags, by name.
///
/// # Errors
/// When the database does not answer.
pub fn all<'tx, Op: Operation>(tx: &mut Tx<'tx>, _right: &Authorized<'tx, Op, ()>) -> Result<Vec<Overview>> {
    let mut gates: BTreeMap<String, Vec<(String, String)>> =
        DEFINITIONS.iter().map(|known| (known.name.to_owned(), Vec::new())).collect();
    for name in query::features::names(tx.conn).map_err(fault)? {
        gates.entry(name).or_default();
    }
    for (name, kind, value) in query::features::all_gates(tx.conn).map_err(fault)? {
        gates.entry(name).or_default().push((kind, value));
    }
    let projects: Vec<i64> = gates
        .values()
        .flatten()
        .filter(|(kind, _)| kind == gate::ACTORS)
        .filter_map(|(_, actor)| project(actor))
        .collect();
    let paths: BTreeMap<i64, String> =
        query::features::paths_of(tx.conn, &projects).map_err(fault)?.into_iter().collect();
    Ok(gates.into_iter().map(|(name, gates)| overview(&name, gates, &paths)).collect())
}

/// The number of the project that an actor is, excepted or not.
fn project(actor: &str) -> Option<i64> {
    let actor = actor.strip_suffix(&opt_out("")).unwrap_or(actor);
    actor.strip_prefix(&project_actor_prefix())?.parse().ok()
}

fn project_actor_prefix() -> String {
    project_actor(0).trim_end_matches('0').to_owned()
}

fn overview(name: &str, gates: Vec<(String, String)>, paths: &BTreeMap<i64, String>) -> Overview {
    let set = gates.iter().find(|(kind, _)| kind == gate::BOOLEAN);
    let global = set.map(|(_, value)| value == "true");
    let mut overrides: BTreeMap<String, bool> = BTreeMap::new();
    for (_, value) in gates.iter().filter(|(kind, _)| kind == gate::ACTORS) {
        match value.strip_suffix(&opt_out("")) {
            // An exception wins over being named.
            Some(actor) => _ = overrides.insert(actor.to_owned(), false),
            None => _ = overrides.entry(value.clone()).or_insert(true),
        }
    }
    let told = |(actor, on): (String, bool)| {
        let project = project(&actor).and_then(|id| paths.get(&id).cloned());
        Override { actor, project, on }
    };
    let overrides = overrides.into_iter().map(told).collect();
    Overview { flag: Flag::new(name, gates), global, overrides }
}

impl Overview {
    /// Whether it is on for whoever has no override and is in no share.
    pub fn is_on(&self) -> bool {
        let share = self.flag.percentage_of_actors > 0.0 || self.flag.percentage_of_time > 0.0;
        self.global.unwrap_or(!share && definition(&self.flag.name).is_some_and(|known| known.default))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::RESOURCE_ACCESS_TOKEN;

    fn read(gates: &[(&str, &str)]) -> Overview {
        let gates = gates.iter().map(|(kind, value)| ((*kind).to_owned(), (*value).to_owned())).collect();
        overview(RESOURCE_ACCESS_TOKEN, gates, &BTreeMap::from([(52, "acme/app".to_owned())]))
    }

    #[test]
    fn what_is_set_for_everyone_and_for_some() {
        let none = read(&[]);
        assert_eq!((none.global, none.is_on(), none.overrides.len()), (None, true, 0));
        let off = read(&[("boolean", "false"), ("actors", "Project:52"), ("actors", "User:7:opt_out")]);
        assert_eq!((off.global, off.is_on()), (Some(false), false));
        let told: Vec<_> =
            off.overrides.iter().map(|told| (&*told.actor, told.project.as_deref(), told.on)).collect();
        assert_eq!(told, [("Project:52", Some("acme/app"), true), ("User:7", None, false)]);
        let both = read(&[("actors", "Project:53"), ("actors", "Project:53:opt_out")]);
        assert_eq!((both.overrides.len(), both.overrides[0].on), (1, false), "an exception wins");
        assert!(!read(&[("percentage_of_time", "50")]).is_on());
    }
}
