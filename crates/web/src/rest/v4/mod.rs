//! The endpoints, one file per operation, a folder per noun.

mod audit_events;
mod branches;
mod features;
mod files;
mod groups;
mod inventory;
mod issues;
mod members;
mod metadata;
mod notes;
mod personal_tokens;
mod project_tokens;
mod projects;
mod protection;
mod settings;
mod statistics;
mod tags;
mod two_factor;
mod users;
mod web_hooks;

use super::{Route, route};
use crate::Web;

/// Gives every operation of a noun to [`route`]: without an endpoint there is no route, and this does
/// not compile.
macro_rules! routes_of {
    ($($operation:ty),*) => { |web| vec![ $( route::<$operation>(web) ),* ] };
}

/// The routes of every noun of REST.
const NOUNS: &[fn(&Web) -> Vec<Route>] = &[
    tessera_model::audit_events!(routes_of),
    tessera_model::branches!(routes_of),
    tessera_model::features!(routes_of),
    tessera_model::files!(routes_of),
    tessera_model::groups!(routes_of),
    tessera_model::inventory!(routes_of),
    tessera_model::issues!(routes_of),
    tessera_model::members!(routes_of),
    tessera_model::metadata!(routes_of),
    tessera_model::notes!(routes_of),
    tessera_model::personal_tokens!(routes_of),
    tessera_model::project_tokens!(routes_of),
    tessera_model::projects!(routes_of),
    tessera_model::protection!(routes_of),
    tessera_model::settings!(routes_of),
    tessera_model::statistics!(routes_of),
    tessera_model::tags!(routes_of),
    tessera_model::two_factor!(routes_of),
    tessera_model::users!(routes_of),
    tessera_model::web_hooks!(routes_of),
];

/// The route of every row of REST.
pub(super) fn routes(web: &Web) -> Vec<Route> {
    NOUNS.iter().flat_map(|noun| noun(web)).collect()
}
