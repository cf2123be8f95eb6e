//! Signing in and out.

pub(super) mod new_password;
mod second_factor;
mod sign_in;
mod sign_out;
