//! REST API v4.

mod carriers;
mod coverage;
mod features;
mod headers;
mod issues;
mod members;
mod pagination;
mod parameters;
mod personal_tokens;
mod project_tokens;
mod projects;
mod repository;
mod settings;
mod sudo;
mod usage;
mod users;
