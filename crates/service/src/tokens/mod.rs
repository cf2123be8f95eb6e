//! Tokens: made, listed, given new secrets, revoked.

pub mod associations;
pub mod bulk;
pub mod calendar;
pub mod consequences;
pub mod create_personal;
pub mod create_project;
pub mod get;
pub mod import;
pub mod inventory;
pub mod list;
pub mod operator;
pub(crate) mod reuse;
pub mod revoke;
pub mod rotate;
mod rules;
pub mod sheet;
pub mod uses;

use tessera_model::secret::PlainToken;
use tessera_model::token::Token;

pub use rules::Lifetime;

/// A token whose secret is shown this once.
pub struct Minted {
    /// Its row.
    pub token: Token,
    /// Its string.
    pub secret: PlainToken,
    /// Whether it works today: a date of today makes a token that is born dead (D10).
    pub active: bool,
}

/// A token as lists and single answers show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its row.
    pub token: Token,
    /// Whether it works today.
    pub active: bool,
}
