//! `tessera token …`

pub(crate) mod args;
mod many;
mod select;
mod view;

use serde::{Deserialize, Serialize};
use tessera_model::operation::personal_tokens::{
    CreateImpersonationToken, CreateUserToken, GetToken, RevokeToken, RotateToken,
};
use tessera_model::operation::project_tokens::CreateProjectToken;
use tessera_model::role::{self, Role};
use tessera_model::scope::{Scope, ScopeSet};
use tessera_model::secret::PlainToken;
use tessera_model::time::Date;
use tessera_model::{Error, Result};
use tessera_service::tokens::operator::{self, Which};
use tessera_service::tokens::{Minted, create_personal, create_project, revoke, rotate, uses};
use tessera_service::{Key, Slice, users};

use self::args::{Create, List, Rotate};
use self::many::Many;
use super::secret::Secret;
use super::{Operator, Output};

/// Lines of the ledger that are shown with a token.
const USES_SHOWN: i64 = 50;

/// What is asked.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    Create(Create),
    List(List),
    Show(Named),
    Revoke(Named),
    RevokeMany(Many),
    ExtendMany { many: Many, expires_at: String },
    Rotate(Rotate),
}

/// A token by its number or its string.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Named {
    Id(i64),
    Value(Secret),
}

impl Named {
    /// Asks with the number or the string.
    fn with<T>(&self, ask: impl FnOnce(&Which<'_>) -> T) -> T {
        match self {
            Self::Id(id) => ask(&Which::Id(*id)),
            Self::Value(secret) => ask(&Which::Value(&plain(secret))),
        }
    }
}

fn plain(secret: &Secret) -> PlainToken {
    PlainToken::new(secret.expose().to_owned())
}

pub(super) async fn execute(operator: &Operator, request: Request) -> Result<Output> {
    match request {
        Request::Create(wanted) => match &wanted.project {
            Some(_) => create_for_project(operator, wanted).await,
            None => create(operator, wanted).await,
        },
        Request::List(wanted) => many::list(operator, wanted).await,
        Request::Show(named) => show(operator, named).await,
        Request::Revoke(named) => revoke_one(operator, named).await,
        Request::RevokeMany(many) => many::revoke(operator, many).await,
        Request::ExtendMany { many, expires_at } => many::extend(operator, many, &expires_at).await,
        Request::Rotate(wanted) => rotate_one(operator, wanted).await,
    }
}

/// Scopes by their names.
///
/// # Errors
/// 400 for a name that is no scope.
pub(super) fn scopes(names: &[String]) -> Result<ScopeSet> {
    let names = names.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
    let parsed = names.map(|name| Scope::parse(name).ok_or(name));
    parsed.collect::<Result<ScopeSet, _>>().map_err(|name| {
        Error::invalid("scopes", format!("can only contain available scopes ({name:?} is none)"))
    })
}

fn date(text: Option<&str>) -> Result<Option<Date>> {
    let parse = |text| Date::parse(text).ok_or_else(|| Error::invalid("expires_at", "is no date"));
    text.map(parse).transpose()
}

async fn create(operator: &Operator, wanted: Create) -> Result<Output> {
    let token = create_personal::Wanted {
        name: wanted.name,
        description: wanted.description,
        scopes: scopes(&wanted.scopes)?,
        expires_on: date(wanted.expires_at.as_deref())?,
        impersonation: wanted.impersonation,
    };
    let user = wanted.user.unwrap_or_default();
    let value = wanted.value.as_ref().map(plain);
    let ask = operator.ask()?;
    let minted = if wanted.impersonation {
        let make = move |tx: &mut tessera_service::Tx<'_>| {
            let user = users::operator::named::<CreateImpersonationToken>(tx, &user)?;
            create_personal::create(tx, &user, &token, value.as_ref())
        };
        operator.service.write::<CreateImpersonationToken, _, _>(&ask, make).await?
    } else {
        let make = move |tx: &mut tessera_service::Tx<'_>| {
            let user = users::operator::named::<CreateUserToken>(tx, &user)?;
            create_personal::create(tx, &user, &token, value.as_ref())
        };
        operator.service.write::<CreateUserToken, _, _>(&ask, make).await?
    };
    minted_output(&minted)
}

async fn create_for_project(operator: &Operator, wanted: Create) -> Result<Output> {
    let token = create_project::Wanted {
        name: wanted.name,
        description: wanted.description,
        scopes: scopes(&wanted.scopes)?,
        role: role(wanted.role.as_deref())?,
        expires_on: date(wanted.expires_at.as_deref())?,
    };
    let key = Key::parse(&wanted.project.unwrap_or_default());
    let make = move |tx: &mut tessera_service::Tx<'_>| {
        let project = tx.project::<CreateProjectToken>(&key)?;
        create_project::create(tx, &project, &token)
    };
    let minted = operator.service.write::<CreateProjectToken, _, _>(&operator.ask()?, make).await?;
    minted_output(&minted)
}

fn role(text: Option<&str>) -> Result<Role> {
    let Some(text) = text else { return Ok(Role::Maintainer) };
    let found = role::ALL.iter().find(|role| role.name() == text || role.level().to_string() == text);
    found.copied().ok_or_else(|| {
        Error::invalid("role", "is none of guest, planner, reporter, developer, maintainer, owner")
    })
}

fn minted_output(minted: &Minted) -> Result<Output> {
    let dead = (!minted.active).then(|| "the token ends today: it is expired already".to_owned());
    Ok(Output::new(minted.secret.expose(), view::minted(minted))?.with_note(dead))
}

async fn show(operator: &Operator, named: Named) -> Result<Output> {
    operator.service.flush_usage().await;
    let look = move |tx: &mut tessera_service::Tx<'_>| {
        let right = tx.instance::<GetToken>()?;
        let found = named.with(|which| operator::find(tx, &right, which))?;
        let uses = uses::visible(tx, &right, found.shown.token.id, Slice { limit: USES_SHOWN, offset: 0 })?;
        Ok((found, uses.items))
    };
    let (found, uses) = operator.service.read::<GetToken, _, _>(&operator.ask()?, look).await?;
    let row = view::shown(&found, operator.service.now().date());
    let text = format!("{}{}", view::facts(&row), view::ledger(&uses));
    Output::new(text, view::with_ledger(row, &uses))
}

async fn revoke_one(operator: &Operator, named: Named) -> Result<Output> {
    let act = move |tx: &mut tessera_service::Tx<'_>| {
        let right = tx.instance::<RevokeToken>()?;
        let before = named.with(|which| operator::find(tx, &right, which))?;
        if !before.shown.token.revoked {
            revoke::visible(tx, &right, before.shown.token.id)?;
        }
        let after = operator::find(tx, &right, &Which::Id(before.shown.token.id))?;
        Ok((before.shown.token.revoked, after))
    };
    let (before, found) = operator.service.write::<RevokeToken, _, _>(&operator.ask()?, act).await?;
    let row = view::shown(&found, operator.service.now().date());
    let text = format!(
        "{} token {} ({}) of {}",
        if before { "revoked before:" } else { "revoked" },
        row.id(),
        found.shown.token.name.escape_debug(),
        found.shown.token.bearer_username
    );
    Output::new(text, &row)
}

async fn rotate_one(operator: &Operator, wanted: Rotate) -> Result<Output> {
    let expires_on = date(wanted.expires_at.as_deref())?;
    let named = wanted.named;
    let act = move |tx: &mut tessera_service::Tx<'_>| {
        let right = tx.instance::<RotateToken>()?;
        let id = named.with(|which| operator::id_of(tx, &right, which))?;
        rotate::visible(tx, &right, id, expires_on)
    };
    let minted = operator.service.write::<RotateToken, _, _>(&operator.ask()?, act).await?;
    minted_output(&minted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_known_by_name() {
        let both = scopes(&["api".to_owned(), " read_user".to_owned()]).unwrap();
        assert_eq!(both.names(), ["api", "read_user"]);
        let Err(Error::Invalid(complaints)) = scopes(&["everything".to_owned()]) else { panic!() };
        assert!(complaints[0].1.contains("everything"));
    }

    #[test]
    fn roles_are_known_by_name_and_number() {
        assert_eq!(role(None).unwrap(), Role::Maintainer);
        assert_eq!(role(Some("developer")).unwrap(), Role::Developer);
        assert_eq!(role(Some("50")).unwrap(), Role::Owner);
        assert!(role(Some("king")).is_err());
    }
}
