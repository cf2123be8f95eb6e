//! The whole judgement as a matrix: every row of the operation table against every kind of caller.
//!
//! It has two sides. `golden/policy.txt` is what the rules say, printed by [`golden`]; a change of a rule
//! shows there as a diff (`UPDATE_GOLDEN=1` writes it anew). What they should say stands by hand in
//! `crates/testkit/expected`, and [`expected`] compares the two: writing the one anew changes nothing in
//! the other.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod cases;
mod expected;
mod golden;
mod pages;
