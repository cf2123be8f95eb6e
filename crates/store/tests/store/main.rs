//! The store on both databases: every test is written once and runs on SQLite and on PostgreSQL.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it left out"
)]

#[macro_use]
mod harness;

mod accounts;
mod alike;
mod fates;
mod identifiers;
mod looks;
mod migrations;
mod outage;
mod plans;
mod portable;
mod prepare;
mod records;
mod schema;
mod shutdown;
mod sqlite_files;
mod transactions;
mod visible;
mod world;
