//! The use cases of Tessera, one file per operation.
//!
//! Every use case runs in a transaction that [`Service::read`] or [`Service::write`] opened after it
//! found out who asks and whether their scopes open the operation, and takes an [`Authorized`] object,
//! which only that transaction can give: without the check there is no object.

pub mod audit;
mod authenticate;
mod authorize;
mod bootstrap;
mod ends;
pub mod failpoint;
pub mod feature;
pub mod features;
pub mod git_access;
pub mod groups;
mod guard;
pub mod issues;
pub mod jobs;
pub mod keys;
mod ledger;
pub mod mail;
pub mod members;
pub mod notes;
pub mod overview;
pub mod password;
pub mod projects;
pub mod protection;
pub mod repository;
mod request;
pub mod restore;
mod service;
pub mod sessions;
pub mod settings;
pub mod statistics;
pub mod tokens;
pub mod two_factor;
mod tx;
mod usage;
pub mod users;
mod vault;
pub mod web_hooks;

pub use authenticate::Credential;
pub use authorize::{Authorized, Key};
pub use ends::TokenEnds;
pub use guard::Limits;
pub use ledger::TokenUse;
pub use request::{Ask, Meta, Principal};
pub use service::{Outward, Service, ServiceConfig, host_of};
pub use tessera_store::query::filter::{Listed, Slice};
pub use tx::Tx;

/// What is answered while the database is away.
const AWAY: &str = "The database is not available. Try again.";

/// Turns what the database says into what the domain says.
pub(crate) fn fault(error: tessera_store::DbError) -> tessera_model::Error {
    use tessera_model::Error;
    use tessera_store::DbError;
    match error {
        DbError::Taken(_) => Error::Conflict("Has already been taken".to_owned()),
        // The transaction is run again; the store tells if it was given up.
        DbError::Conflict => Error::Unavailable(AWAY.to_owned()),
        DbError::Unavailable(_) => {
            tracing::error!(%error, "the database did not answer");
            Error::Unavailable(AWAY.to_owned())
        }
        other => Error::internal(other),
    }
}

/// An error on its way through the store, which needs to make its own out of a database fault.
pub(crate) struct Trouble(pub(crate) tessera_model::Error);

impl From<tessera_store::DbError> for Trouble {
    fn from(error: tessera_store::DbError) -> Self {
        Self(fault(error))
    }
}

impl From<tessera_model::Error> for Trouble {
    fn from(error: tessera_model::Error) -> Self {
        Self(error)
    }
}
