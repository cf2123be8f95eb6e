//! Projects: made, changed, listed, removed.

pub mod archive;
pub mod contents;
pub mod create;
pub mod get;
pub mod list;
pub mod menu;
pub mod remove;
pub mod update;
