//! The binary under stress, from outside: killed at random moments, asked by many at once, and fed with
//! what no client should send.
#![allow(clippy::disallowed_methods, reason = "these tests run the binary and git, and measure real time")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

mod client;
mod kill;
mod malformed;
mod push;
mod races;
mod random;
mod server;
