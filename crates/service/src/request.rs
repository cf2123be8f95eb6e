//! What a use case knows of the request that it serves.

use std::sync::OnceLock;

use tessera_model::caller::Caller;
use tessera_model::operation::Surface;
use tessera_model::time::Timestamp;

use crate::Credential;

/// Where a request came from, for the log.
#[derive(Clone, Debug)]
pub struct Meta {
    /// The address of the client.
    pub address: String,
    /// The number under which logs and audit know the request.
    pub request_id: String,
    /// When it arrived.
    pub received_at: Timestamp,
    /// The door; `None` for the command line.
    pub surface: Option<Surface>,
}

impl Meta {
    /// The name of the door in the audit log.
    pub fn surface_name(&self) -> &'static str {
        match self.surface {
            Some(Surface::Rest) => "rest",
            Some(Surface::Git) => "git",
            Some(Surface::Ui) => "ui",
            None => "operator",
        }
    }
}

/// Who a request turned out to be of, for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The username.
    pub username: String,
    /// The number of the token.
    pub token_id: Option<i64>,
    /// The number of the project that it was about, if there is such a project.
    pub project_id: Option<i64>,
}

/// The account that a credential belongs to, whether it was let in or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) user_id: i64,
    pub(crate) username: String,
    pub(crate) token_id: Option<i64>,
}

/// A request as the doors hand it in: who claims to ask, on whose behalf, from where.
pub struct Ask {
    /// What was presented.
    pub credential: Credential,
    /// The number or name of the user on whose behalf to act.
    pub sudo: Option<String>,
    /// Where it came from.
    pub meta: Meta,
    /// Whether something else is tried where this credential matches nothing: then it is no failed guess yet.
    pub(crate) tentative: bool,
    principal: OnceLock<Principal>,
    project_id: OnceLock<i64>,
    account: OnceLock<Account>,
    refused_by: OnceLock<&'static str>,
}

impl Ask {
    /// A request of whoever presents this credential.
    pub fn new(credential: Credential, sudo: Option<String>, meta: Meta) -> Self {
        Self {
            credential,
            sudo,
            meta,
            tentative: false,
            principal: OnceLock::new(),
            project_id: OnceLock::new(),
            account: OnceLock::new(),
            refused_by: OnceLock::new(),
        }
    }

    /// The same, where something else will be tried if the credential matches nothing.
    #[must_use]
    pub(crate) fn tentative(self) -> Self {
        Self { tentative: true, ..self }
    }

    /// Who it turned out to be of, once that was found out.
    pub fn principal(&self) -> Option<&Principal> {
        self.principal.get()
    }

    /// The number of the first project that it asked for and that is there, whether it was let in or not.
    pub fn project_id(&self) -> Option<i64> {
        self.project_id.get().copied()
    }

    pub(crate) fn is_about(&self, project_id: i64) {
        self.project_id.get_or_init(|| project_id);
    }

    pub(crate) fn found(&self, caller: &Caller) {
        if let Some(user) = &caller.user {
            let principal = || Principal {
                username: user.username.clone(),
                token_id: caller.token().map(|token| token.id),
                project_id: None,
            };
            self.principal.get_or_init(principal);
        }
    }

    /// The account that the credential belongs to, dead or alive.
    pub(crate) fn account(&self) -> Option<&Account> {
        self.account.get()
    }

    pub(crate) fn belongs_to(&self, account: impl FnOnce() -> Account) {
        self.account.get_or_init(account);
    }

    /// The policy that stood in the way, where one has a name of its own.
    pub(crate) fn refused_by(&self) -> Option<&'static str> {
        self.refused_by.get().copied()
    }

    pub(crate) fn refuse(&self, policy: &'static str) {
        self.refused_by.get_or_init(|| policy);
    }

    /// A request of whoever operates the server.
    pub fn operator(request_id: String, received_at: Timestamp) -> Self {
        let meta = Meta { address: "local".to_owned(), request_id, received_at, surface: None };
        Self::new(Credential::Operator, None, meta)
    }
}
