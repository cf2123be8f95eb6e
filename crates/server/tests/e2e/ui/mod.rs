//! The pages, as a browser without JavaScript meets them. What scripts add is told in `tests/browser`.

mod admin;
mod code;
mod groups;
mod home;
mod issues;
mod members;
mod project;
mod session;
mod settings;
mod tokens;
