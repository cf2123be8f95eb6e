//! `/personal_access_tokens`, and the tokens that administrators make for users.

mod associations;
mod create;
mod create_own;
mod get;
mod impersonation;
mod list;
mod revoke;
mod rotate;
mod usage;

use tessera_model::scope::{self, Scope, ScopeSet};

use crate::params::Reader;

/// The number of the token in the route.
fn id(p: &mut Reader<'_>) -> i64 {
    p.integer("id").required()
}

/// The number of the user in the route.
fn user_id(p: &mut Reader<'_>) -> i64 {
    p.integer("user_id").required()
}

/// The scopes asked for, each of which must be among the given ones.
fn scopes(p: &mut Reader<'_>, allowed: &[Scope]) -> ScopeSet {
    let names: Vec<&str> = allowed.iter().map(|scope| scope.name()).collect();
    let asked = p.strings("scopes").comma().among(&names).required();
    asked.iter().filter_map(|name| Scope::parse(name)).collect()
}

/// Every scope of the instance.
const ALL: &[Scope] = scope::ALL;
