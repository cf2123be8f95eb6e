//! Stories told through the doors, a folder for each door. Every test has an instance of its own, on
//! SQLite, or on PostgreSQL with `TESSERA_TEST_DATABASE=postgres`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "these are tests")]

mod audit;
mod browse;
mod cli;
mod endings;
mod git;
mod jobs;
mod mail;
mod rest;
mod sheet;
mod two_factor;
mod ui;
mod web_hooks;

use tessera_testkit::{Builder, TestApp};

/// An instance that is not started yet.
fn instance() -> Builder {
    TestApp::builder(env!("CARGO_BIN_EXE_tessera"))
}

/// An instance.
async fn app() -> TestApp {
    instance().start().await
}
