//! Who is told of a token.

use std::collections::BTreeMap;

use tessera_model::Result;
use tessera_model::token::{Token, TokenKind};
use tessera_model::user::{User, UserKind, UserState};
use tessera_store::query;

use crate::{Tx, fault};

/// Whether project tokens' mails go to who is Maintainer or Owner through a group, too.
const INHERITED: &str = "resource_access_token_notify_inherited";

/// The people who are told of a token, by their numbers: its user; of a bot's its project's Maintainers and Owners and
/// whoever made the bot. Nobody is told of an impersonation token, which its user must not see (L15).
pub(crate) fn of_token(tx: &mut Tx<'_>, token: &Token) -> Result<BTreeMap<i64, User>> {
    let mut people = Vec::new();
    match (token.kind, token.user_id) {
        (TokenKind::Personal, Some(user)) => {
            people.extend(reachable(tx, user)?);
        }
        (TokenKind::Project, Some(bot)) => {
            if let Some(project) = token.project_id {
                let (inherited, today) = (tx.is_on(INHERITED)?, tx.today());
                people = query::notices::managers(tx.conn, project, inherited, today).map_err(fault)?;
            }
            people.extend(query::notices::maker(tx.conn, bot).map_err(fault)?);
        }
        _ => {}
    }
    Ok(people.into_iter().map(|person| (person.id, person)).collect())
}

/// A person who can be written to now.
pub(crate) fn reachable(tx: &mut Tx<'_>, id: i64) -> Result<Option<User>> {
    let user = query::users::by_id(tx.conn, id).map_err(fault)?;
    Ok(user.filter(|user| user.kind == UserKind::Human && user.state == UserState::Active))
}
