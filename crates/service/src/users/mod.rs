//! People, bots and the Ghost User.

pub mod belongings;
pub mod block;
pub mod create;
pub mod delete;
pub mod get;
pub mod ghost;
pub mod list;
pub mod operator;
pub mod review;
mod rules;
pub mod seats;
pub mod sight;
pub mod update;
pub mod update_own;

pub use rules::Password;
pub(crate) use rules::check_password;
