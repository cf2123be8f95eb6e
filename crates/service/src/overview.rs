//! The instance at a glance: how much there is, what waits, and what it runs on.

use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_store::query;
pub use tessera_store::query::overview::Counts;

use crate::audit::browse::{self, Sealed};
use crate::{Authorized, Service, Tx, fault};

/// The instance at a glance.
#[derive(Clone, Debug)]
pub struct Overview {
    /// How much there is.
    pub counts: Counts,
    /// How many people may act at most, if there is a limit.
    pub seats: Option<i64>,
    /// Mails that wait, and those that were refused for good.
    pub mails: (i64, i64),
    /// How far the audit log is sealed.
    pub sealed: Sealed,
}

/// What the server runs on.
#[derive(Clone, Debug)]
pub struct System {
    /// The version of the git program.
    pub git: String,
    /// The database: `SQLite` or `PostgreSQL`.
    pub database: &'static str,
    /// Bytes that are free and bytes in all, on the disk with the repositories; absent where it does not say.
    pub disk: Option<(u64, u64)>,
    /// When this process began to serve.
    pub started_at: tessera_model::time::Timestamp,
}

/// The instance at a glance.
///
/// # Errors
/// When the database does not answer.
pub fn get<'tx, Op: Operation>(tx: &mut Tx<'tx>, right: &Authorized<'tx, Op, ()>) -> Result<Overview> {
    Ok(Overview {
        counts: query::overview::counts(tx.conn).map_err(fault)?,
        seats: tx.setting("user_cap")?.as_i64(),
        mails: query::mails::unsent(tx.conn).map_err(fault)?,
        sealed: browse::sealed(tx, right)?,
    })
}

impl Service {
    /// What the server runs on. No path is told.
    pub async fn system(&self) -> System {
        System {
            git: self.git().version().to_string(),
            database: self.store().kind(),
            disk: self.git().space().await.ok(),
            started_at: self.started_at(),
        }
    }
}
