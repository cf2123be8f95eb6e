//! Signing in and out.

mod new_password;
mod second_factor;
mod sign_in;
mod sign_out;
