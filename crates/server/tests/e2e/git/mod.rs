//! Git over HTTP, by real `git`.

mod access;
mod end_of_right;
mod guessing;
mod protection;
mod push;
