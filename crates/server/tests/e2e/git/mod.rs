//! Git over HTTP, by real `git`.

mod access;
mod end_of_right;
mod protection;
mod push;
