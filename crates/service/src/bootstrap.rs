//! The first start: the administrator, and a token for tests and scripts.

use serde_json::json;
use tessera_model::operation::personal_tokens::CreateUserToken;
use tessera_model::operation::users::CreateUser;
use tessera_model::scope::{Scope, ScopeSet};
use tessera_model::secret::PlainToken;
use tessera_model::user::UserKind;
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::users::NewUser;
use zeroize::Zeroizing;

use crate::audit::Event;
use crate::request::Ask;
use crate::tokens::create_personal::{self, Wanted};
use crate::users::create::insert_person;
use crate::{Service, Tx, authenticate, fault, password};

const ROOT: &str = "root";
/// What `--root-token` opens.
const ROOT_SCOPES: ScopeSet = ScopeSet::of(&[Scope::Api, Scope::Sudo, Scope::AdminMode]);

impl Service {
    fn operator(&self) -> std::sync::Arc<Ask> {
        std::sync::Arc::new(Ask::operator("start".to_owned(), self.now()))
    }

    /// Makes the administrator `root` in an instance that has no person yet. Returns the password if one
    /// was generated.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ensure_administrator(&self, given: Option<&str>) -> Result<Option<Zeroizing<String>>> {
        let ask = self.operator();
        let known = self
            .read::<CreateUser, _, _>(&ask, |tx| query::users::any_person(tx.conn).map_err(fault))
            .await?;
        if known {
            return Ok(None);
        }
        let generated = match given {
            Some(_) => None,
            None => Some(password::generate(&*self.core().entropy)?),
        };
        let plain = given.map(str::to_owned).or_else(|| generated.as_ref().map(|text| text.to_string()));
        let hash = self.hash_password(plain.unwrap_or_default()).await?;
        let initial = generated.is_some();
        self.write::<CreateUser, _, _>(&ask, move |tx| make_root(tx, &hash, initial)).await?;
        Ok(generated)
    }

    /// Gives the administrator `root` a token with this string, once. It never revives a revoked one.
    ///
    /// # Errors
    /// When the string cannot be a token's, or was revoked.
    pub async fn plant_root_token(&self, token: PlainToken) -> Result<()> {
        let ask = self.operator();
        self.write::<CreateUserToken, _, _>(&ask, move |tx| plant(tx, &token)).await
    }
}

fn make_root(tx: &mut Tx<'_>, hash: &str, initial: bool) -> Result<()> {
    if query::users::any_person(tx.conn).map_err(fault)? {
        return Ok(());
    }
    let root = NewUser {
        username: ROOT.to_owned(),
        name: "Administrator".to_owned(),
        email: format!("admin@{}", tx.core.host()),
        kind: UserKind::Human,
        admin: true,
        external: false,
        can_create_group: true,
        private_profile: false,
        projects_limit: 100_000,
        password_hash: Some(hash.to_owned()),
        password_expired: false,
        bio: String::new(),
        public_email: None,
        note: None,
        bot_project_id: None,
        created_by_id: None,
    };
    let id = insert_person(tx, &root)?;
    if initial {
        query::users::mark_password_initial(tx.conn, id).map_err(fault)?;
    }
    let details = json!({ "admin": true });
    tx.audit(&Event { action: "user.create", target: ("user", Some(id), ROOT), project_id: None, details })
}

fn plant(tx: &mut Tx<'_>, token: &PlainToken) -> Result<()> {
    if let Some((known, _)) = authenticate::find(tx.conn, tx.core, token)? {
        return if known.revoked {
            Err(Error::Refused("this token was revoked and cannot be used again".to_owned()))
        } else {
            Ok(())
        };
    }
    let root = query::users::by_username(tx.conn, ROOT).map_err(fault)?;
    let root = root.ok_or_else(|| Error::Refused("there is no user root".to_owned()))?;
    let user = tx.user::<CreateUserToken>(root.id)?;
    let wanted = Wanted {
        name: "root token".to_owned(),
        description: None,
        scopes: ROOT_SCOPES,
        expires_on: None,
        impersonation: false,
    };
    create_personal::create(tx, &user, &wanted, Some(token)).map(drop)
}
