//! `/features`.

mod definitions;
mod delete;
mod list;
mod set;
