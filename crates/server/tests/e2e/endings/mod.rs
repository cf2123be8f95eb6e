//! The ends of every right: after each of them every door answers as it should to every credential, whichever way it
//! is carried, at the very next request and in what is under way (B6, L9 to L16, L30). A test for each end.

mod accounts;
mod doors;
mod hidden;
mod places;
mod second_factor;
mod story;
mod stream;
mod switches;
mod tokens;

pub(crate) use story::{PERSONAL, Story};
