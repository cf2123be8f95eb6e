//! What the tests through the doors share: an instance in a temporary folder, a clock moved by hand,
//! clients with and without a token, real `git`, and a watch over everything that is logged.
//!
//! A test makes a [`TestApp`], asks it for a [`Client`] and speaks to the server as a user would. With
//! `TESSERA_TEST_DATABASE=postgres` and `TEST_DATABASE_URL` the same tests run on PostgreSQL.

// The whole crate is a test's.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod app;
mod canary;
mod client;
mod clock;
pub mod courier;
mod database;
mod device;
mod entropy;
mod listener;
mod outbox;
pub mod program;
mod reply;
mod session;
mod world;

pub use app::{Builder, TestApp};
pub use client::{Client, Request};
pub use clock::{START, TestClock};
pub use database::{Shared, dump_file, tamper_with_file};
pub use device::Device;
pub use entropy::Seeded;
pub use http::Method;
pub use outbox::Memory;
pub use reply::Reply;
pub use session::{Session, proof_on};
pub use world::{Minted, Person};
