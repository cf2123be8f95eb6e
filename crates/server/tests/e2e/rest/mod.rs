//! REST API v4.

mod bulk;
mod carriers;
pub(crate) mod coverage;
mod features;
mod headers;
pub(crate) mod inventory;
mod issues;
mod members;
mod metrics;
mod pagination;
mod parameters;
mod personal_tokens;
mod project_tokens;
mod projects;
mod repository;
mod seats;
mod settings;
mod sudo;
mod usage;
mod users;
mod web_hooks;
