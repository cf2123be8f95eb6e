//! Tokens as whoever operates the server sees them: every kind, found by number or by string (U12, U13).

use std::collections::HashMap;

use tessera_model::error::Unauthenticated;
use tessera_model::operation::Operation;
use tessera_model::secret::PlainToken;
use tessera_model::token::Token;
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::tokens::TokenFilter;

use super::{Shown, list, rules};
use crate::{Authorized, Listed, Slice, Tx, authenticate, fault};

/// How the operator names a token.
pub enum Which<'a> {
    /// By its number.
    Id(i64),
    /// By its string.
    Value(&'a PlainToken),
}

/// A token, and the path of its project.
#[derive(Clone, Debug)]
pub struct Found {
    /// The token.
    pub shown: Shown,
    /// Where a project token's project is, while there is one.
    pub project: Option<String>,
}

/// The token of this number or string, dead or alive, of whatever kind.
///
/// # Errors
/// 404 when there is none, 403 for anyone but the operator.
pub fn find<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    right: &Authorized<'tx, Op, ()>,
    which: &Which<'_>,
) -> Result<Found> {
    let id = id_of(tx, right, which)?;
    let token = query::tokens::by_id(tx.conn, id).map_err(fault)?;
    let token = token.ok_or_else(|| Error::missing("Token"))?;
    let project = path(tx, &token)?;
    Ok(Found { shown: rules::shown(tx, token)?, project })
}

/// The number of the token of this number or string.
///
/// # Errors
/// 404 when no token has this string, 403 for anyone but the operator.
pub fn id_of<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    which: &Which<'_>,
) -> Result<i64> {
    must_be_operator(tx)?;
    match which {
        Which::Id(id) => Ok(*id),
        Which::Value(value) => {
            let found = authenticate::find(tx.conn, tx.core, value)?;
            found.map(|(token, _)| token.id).ok_or_else(|| Error::missing("Token"))
        }
    }
}

/// Tokens of every kind.
///
/// # Errors
/// 403 for anyone but the operator.
pub fn all<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    wanted: &TokenFilter,
    slice: Slice,
) -> Result<Listed<Found>> {
    must_be_operator(tx)?;
    let listed = list::every_kind(tx, wanted, slice)?;
    let mut paths: HashMap<i64, Option<String>> = HashMap::new();
    let mut items = Vec::with_capacity(listed.items.len());
    for shown in listed.items {
        let project = match shown.token.project_id {
            None => None,
            Some(id) => match paths.get(&id) {
                Some(known) => known.clone(),
                None => paths.entry(id).or_insert(path(tx, &shown.token)?).clone(),
            },
        };
        items.push(Found { shown, project });
    }
    Ok(Listed { items, total: listed.total })
}

fn path(tx: &mut Tx<'_>, token: &Token) -> Result<Option<String>> {
    let Some(id) = token.project_id else { return Ok(None) };
    let project = query::projects::by_id(tx.conn, id).map_err(fault)?;
    Ok(project.map(|project| project.full_path))
}

fn must_be_operator(tx: &Tx<'_>) -> Result<()> {
    if tx.caller.is_operator() { Ok(()) } else { Err(Error::Unauthenticated(Unauthenticated::NotPermitted)) }
}
