//! The rules of Tessera, without I/O: what a token is, what a scope opens, what a role may do,
//! and the table of every operation of every surface.
//!
//! Nothing here knows of a database, a socket or a clock of its own. Ids such as `P1`, `D10` or
//! `L17` refer to `docs/requirements.md`, `docs/decisions.md` and `docs/security.md`.

pub mod ability;
pub mod audit;
pub mod caller;
pub mod error;
pub mod issue;
pub mod name;
pub mod operation;
pub mod outbound;
pub mod policy;
pub mod project;
pub mod protection;
pub mod role;
pub mod scope;
pub mod secret;
pub mod session;
pub mod setting;
pub mod time;
pub mod token;
pub mod two_factor;
pub mod user;
pub mod visibility;
pub mod web_hook;

pub use error::{Error, Result};
