//! A person's own settings.

mod agent;
mod password;
mod profile;
mod qr;
mod sessions;
mod two_factor;
