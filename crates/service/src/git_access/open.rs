//! Opening a repository: who asks, and may they?

use std::marker::PhantomData;
use std::sync::Arc;

use tessera_git::{Repository, RepositoryId};
use tessera_model::error::Unauthenticated;
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::secret::PlainToken;
use tessera_model::{Error, Result};

use crate::request::{Ask, Meta, Principal};
use crate::{Credential, Key, Service, Trouble, settings};

/// What a Git client presented.
pub enum Presented {
    /// Something that says what it is.
    Credential(Credential),
    /// A user name and what may be a token or a password.
    Basic {
        /// The user name; with a token anything will do.
        login: String,
        /// The token or the password.
        secret: String,
    },
}

/// A repository on which the caller may do `Op`, as of a moment ago; whoever runs something longer on
/// it looks again meanwhile.
pub struct Opened<Op> {
    pub(crate) repository: Repository,
    pub(crate) project: Project,
    /// Asks again, with what was presented.
    pub(crate) ask: Arc<Ask>,
    operation: PhantomData<fn() -> Op>,
}

impl<Op> Opened<Op> {
    /// Of a project on which `Op` was judged just now, for who asked with this token, if it was one.
    pub(crate) fn new(service: &Service, project: Project, ask: &Ask, token: Option<i64>) -> Result<Self> {
        let id = u64::try_from(project.id).map_err(Error::internal)?;
        let repository = service.git().repository(RepositoryId(id));
        let credential = match (&ask.credential, token) {
            (_, Some(id)) => Credential::Seen(id),
            (Credential::Password { user_id, hash }, _) => {
                Credential::Password { user_id: *user_id, hash: hash.clone() }
            }
            (Credential::Session(secret), _) => Credential::Session(secret.copy()),
            (Credential::Operator, _) => Credential::Operator,
            _ => Credential::Anonymous,
        };
        let ask = Arc::new(Ask::new(credential, ask.sudo.clone(), ask.meta.clone()));
        Ok(Self { repository, project, ask, operation: PhantomData })
    }

    /// The project that the repository belongs to.
    pub fn project(&self) -> &Project {
        &self.project
    }
}

impl Service {
    /// Opens the repository at a project's full path for the operation `Op`. Beside the outcome stands
    /// who it was that asked, if that was found out, whatever the outcome.
    pub async fn open_repository<Op: Operation>(
        &self,
        presented: Presented,
        meta: Meta,
        path: &str,
    ) -> (Option<Principal>, Result<Opened<Op>>) {
        let login = match &presented {
            Presented::Basic { login, .. } => Some(login.clone()),
            Presented::Credential(_) => None,
        };
        let (ask, opened) = self.try_to_open(presented, meta, path).await;
        if let Err(error) = &opened {
            self.note(&ask, &Op::ROW, error, login.as_deref());
        }
        let principal = ask.principal().cloned();
        let principal = principal.map(|found| Principal { project_id: ask.project_id(), ..found });
        (principal, opened)
    }

    async fn try_to_open<Op: Operation>(
        &self,
        presented: Presented,
        meta: Meta,
        path: &str,
    ) -> (Arc<Ask>, Result<Opened<Op>>) {
        let (login, secret) = match presented {
            Presented::Credential(credential) => return self.open_as(credential, meta, path).await,
            Presented::Basic { login, secret } => (login, secret),
        };
        // First as a token, whatever the user name: one look-up, and it is what clients do most.
        let token = Credential::Token { token: PlainToken::new(secret.clone()), in_query: false };
        let tried = self.open_with(Ask::new(token, None, meta.clone()).tentative(), path).await;
        if !matches!(&tried.1, Err(Error::Unauthenticated(Unauthenticated::Unknown))) {
            return tried;
        }
        let takes_passwords = match self.takes_passwords_on_git().await {
            Ok(takes) => takes,
            Err(error) => return (tried.0, Err(error)),
        };
        let is_token = login.is_empty() || secret.is_empty() || self.is_shaped_like_token(&secret);
        if is_token || !takes_passwords {
            let why = if takes_passwords { Unauthenticated::Unknown } else { Unauthenticated::PasswordsOff };
            let counted = self.count_unknown_token(&meta.address);
            return (tried.0, counted.and(Err(Error::Unauthenticated(why))));
        }
        match self.password(&login, secret, &meta.address).await {
            Ok(credential) => self.open_as(credential, meta, path).await,
            Err(error) => (tried.0, Err(error)),
        }
    }

    async fn open_as<Op: Operation>(
        &self,
        credential: Credential,
        meta: Meta,
        path: &str,
    ) -> (Arc<Ask>, Result<Opened<Op>>) {
        self.open_with(Ask::new(credential, None, meta), path).await
    }

    async fn open_with<Op: Operation>(&self, ask: Ask, path: &str) -> (Arc<Ask>, Result<Opened<Op>>) {
        let ask = Arc::new(ask);
        let opened = self.open(&ask, path).await;
        (ask, opened)
    }

    async fn open<Op: Operation>(&self, ask: &Arc<Ask>, path: &str) -> Result<Opened<Op>> {
        let key = Key::Path(path.to_owned());
        let read = self.read::<Op, _, _>(ask, move |tx| {
            let project = tx.project::<Op>(&key)?;
            let token = tx.caller().token().map(|token| token.id);
            Ok((project.into_inner(), token))
        });
        let (project, token) = read.await?;
        Opened::new(self, project, ask, token)
    }

    /// Whether an opened repository is still open to who opened it, wherever it lies now.
    pub(crate) async fn still_open<Op: Operation>(&self, ask: &Arc<Ask>, project_id: i64) -> Result<()> {
        let key = Key::Id(project_id);
        self.read::<Op, _, _>(ask, move |tx| tx.project::<Op>(&key).map(drop)).await
    }

    async fn takes_passwords_on_git(&self) -> Result<bool> {
        let name = "password_authentication_enabled_for_git";
        let read = self.store().read(move |conn| Ok::<_, Trouble>(settings::value(conn, name)?));
        Ok(read.await?.as_bool().unwrap_or(true))
    }

    /// Whether a string is so clearly meant as a token that trying it as a password, which is dear,
    /// would serve guessers only.
    fn is_shaped_like_token(&self, secret: &str) -> bool {
        let prefix = self.core().token_prefix();
        !prefix.is_empty() && secret.strip_prefix(&*prefix).is_some_and(|rest| rest.len() >= 20)
    }
}
