//! Listing tokens: a project's, one's own, everybody's.

use tessera_model::error::Unauthenticated;
use tessera_model::operation::personal_tokens::{ListImpersonationTokens, ListTokens};
use tessera_model::operation::project_tokens::ListProjectTokens;
use tessera_model::project::Project;
use tessera_model::token::TokenKind;
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_store::query;
pub use tessera_store::query::tokens::TokenFilter;

use super::Shown;
use crate::{Authorized, Listed, Slice, Tx, fault};

/// The tokens of a project, dead ones included.
///
/// # Errors
/// When the database does not answer.
pub fn of_project<'tx>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, ListProjectTokens, Project>,
    wanted: &TokenFilter,
    sort: &str,
    slice: Slice,
) -> Result<Listed<Shown>> {
    let wanted =
        TokenFilter { project_id: Some(project.id), kinds: vec![TokenKind::Project], ..wanted.clone() };
    list(tx, wanted, sort, slice)
}

/// Whose tokens a list asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// It does not say.
    Unsaid,
    /// It says so with nothing.
    Nobody,
    /// The user of this number.
    User(i64),
}

/// The caller's tokens; an administrator's question is answered for everybody. Impersonation tokens stand
/// in the lists of administrators alone (L15).
///
/// # Errors
/// 401 when someone else's are asked for, 404 when an administrator names no user.
pub fn visible<'tx>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, ListTokens, ()>,
    whose: Whose,
    wanted: &TokenFilter,
    sort: &str,
    slice: Slice,
) -> Result<Listed<Shown>> {
    let own = tx.caller.user_id();
    let admin = tx.caller.is_admin() && !tx.caller.is_bot();
    let (user_id, kinds) = match whose {
        Whose::User(id) if admin => {
            let known = query::users::by_id(tx.conn, id).map_err(fault)?;
            (Some(known.ok_or_else(|| Error::missing(""))?.id), Vec::new())
        }
        Whose::Nobody if admin => return Err(Error::missing("")),
        Whose::Unsaid if admin => (None, Vec::new()),
        Whose::User(id) if Some(id) != own => {
            return Err(Error::Unauthenticated(Unauthenticated::NotPermitted));
        }
        _ => (own, vec![TokenKind::Personal, TokenKind::Project]),
    };
    list(tx, TokenFilter { user_id, kinds, ..wanted.clone() }, sort, slice)
}

/// A user's impersonation tokens.
///
/// # Errors
/// When the database does not answer.
pub fn impersonation<'tx>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, ListImpersonationTokens, User>,
    wanted: &TokenFilter,
    slice: Slice,
) -> Result<Listed<Shown>> {
    let kinds = vec![TokenKind::Impersonation];
    list(tx, TokenFilter { user_id: Some(user.id), kinds, ..wanted.clone() }, "", slice)
}

fn list(tx: &mut Tx<'_>, mut wanted: TokenFilter, sort: &str, slice: Slice) -> Result<Listed<Shown>> {
    let (today, enforced) = (tx.today(), tx.is_on("enforce_pat_expiration")?);
    wanted.enforce_pat_expiration = enforced;
    let order = query::tokens::order(sort);
    let found = query::tokens::list(tx.conn, &wanted, today, order, slice).map_err(fault)?;
    let show = |token: tessera_model::token::Token| {
        let active = token.is_active(today, enforced);
        Shown { token, active }
    };
    Ok(Listed { items: found.items.into_iter().map(show).collect(), total: found.total })
}
