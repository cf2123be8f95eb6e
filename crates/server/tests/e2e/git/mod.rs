//! Git over HTTP, by real `git`.

pub(crate) mod access;
mod end_of_right;
mod guessing;
mod protection;
mod push;
