//! Groups and namespaces.

pub mod create;
pub mod get;
pub mod list;
pub mod menu;
pub mod namespaces;
pub mod remove;
mod rules;
pub mod update;
