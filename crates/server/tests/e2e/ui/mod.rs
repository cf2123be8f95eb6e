//! The pages, as a browser without JavaScript meets them. What scripts add is told in `tests/browser`.

mod code;
mod members;
mod session;
mod tokens;
