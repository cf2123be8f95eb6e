//! The shapes of answers, a file per noun.

pub(crate) mod audit_event;
pub(crate) mod branch;
pub(crate) mod commit;
pub(crate) mod feature;
pub(crate) mod file;
pub(crate) mod group;
pub(crate) mod inventory;
pub(crate) mod issue;
mod links;
pub(crate) mod member;
pub(crate) mod note;
pub(crate) mod project;
pub(crate) mod protection;
pub(crate) mod tag;
pub(crate) mod token;
mod trailers;
pub(crate) mod two_factor;
pub(crate) mod user;
pub(crate) mod web_hook;

pub(crate) use links::Links;
