//! Project access tokens, from birth to ghost (semantics sheet of that name, sections 1 to 4 and 6).

mod bot;
mod create;
mod expiry;
mod fence;
mod flag;
mod get;
mod list;
mod reuse;
mod revoke;
mod rotate;
