//! The HTTP surfaces of Tessera: what a request says, and how an answer is put. No rule and no query
//! stands here.

mod access_log;
pub mod app;
mod call;
mod conditional;
mod credential;
mod git_http;
mod health;
pub mod metrics;
pub mod pagination;
pub mod params;
mod reply;
mod rest;
mod ui;
mod view;

pub use access_log::{AccessLog, AccessLogGuard};
pub use app::{ClientAddress, Web, WebConfig, app};
