//! One token.

use tessera_model::error::Unauthenticated;
use tessera_model::operation::personal_tokens::GetOwnToken;
use tessera_model::operation::{self, Operation, Row};
use tessera_model::policy;
use tessera_model::project::Project;
use tessera_model::token::{Token, TokenKind};
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_store::query;

use super::Shown;
use super::rules::shown;
use crate::{Authorized, Tx, fault};

/// A token of this project; that of another one is as if it were not there (L20).
pub(crate) fn in_project(tx: &mut Tx<'_>, project: &Project, id: i64) -> Result<Token> {
    let found = query::tokens::by_id(tx.conn, id).map_err(fault)?;
    found
        .filter(|token| token.kind == TokenKind::Project && token.project_id == Some(project.id))
        .ok_or_else(|| Error::missing("project Access Token"))
}

/// One token of a project.
///
/// # Errors
/// 404 when the project has none of this number.
pub fn of_project<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    id: i64,
) -> Result<Shown> {
    let token = in_project(tx, project, id)?;
    shown(tx, token)
}

/// A personal token of this user; impersonation tokens are invisible to them (L15).
///
/// # Errors
/// 404 when the user has none of this number.
pub fn personal_of<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    id: i64,
) -> Result<Token> {
    let found = query::tokens::by_id(tx.conn, id).map_err(fault)?;
    let own = |token: &Token| token.kind == TokenKind::Personal && token.user_id == Some(user.id);
    found.filter(own).ok_or_else(|| Error::missing("Personal Access Token"))
}

/// One token that the caller may see by its number alone: an own one that is no impersonation token;
/// administrators see all. Others learn nothing about numbers: the answer is 401 either way.
///
/// # Errors
/// 401; for administrators 404.
pub fn visible<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    id: i64,
) -> Result<Shown> {
    let found = query::tokens::by_id(tx.conn, id).map_err(fault)?;
    let admin = tx.caller.is_admin() && !tx.caller.is_bot();
    let own = |token: &Token| token.user_id == tx.caller.user_id() && token.kind != TokenKind::Impersonation;
    match found {
        Some(token) if admin || own(&token) => shown(tx, token),
        None if admin => Err(Error::missing("")),
        _ => Err(Error::Unauthenticated(Unauthenticated::NotPermitted)),
    }
}

/// The token in hand.
///
/// # Errors
/// 400 when the caller came in with something else.
pub fn own<'tx>(tx: &mut Tx<'tx>, _right: &Authorized<'tx, GetOwnToken, ()>) -> Result<Shown> {
    let token = in_hand(tx)?;
    shown(tx, token)
}

/// What the token in hand may do at most, by its kind, its scopes and its bot's role; objects decide the rest.
pub fn operations(tx: &Tx<'_>, own: &Shown) -> Vec<&'static Row> {
    operation::all().filter(|row| policy::could(&tx.caller, row, own.token.role)).collect()
}

/// The row of the token that the caller presented.
pub(crate) fn in_hand(tx: &mut Tx<'_>) -> Result<Token> {
    let wrong = || Error::bad_request("This endpoint requires token type to be a personal access token");
    let id = tx.caller.token().ok_or_else(wrong)?.id;
    query::tokens::by_id(tx.conn, id).map_err(fault)?.ok_or_else(wrong)
}

/// One impersonation token of a user.
///
/// # Errors
/// 404 when the user has none of this number.
pub fn impersonation<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    id: i64,
) -> Result<Shown> {
    let found = query::tokens::by_id(tx.conn, id).map_err(fault)?;
    let token = found
        .filter(|token| token.kind == TokenKind::Impersonation && token.user_id == Some(user.id))
        .ok_or_else(|| Error::missing("Impersonation Token"))?;
    shown(tx, token)
}
