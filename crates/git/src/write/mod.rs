//! Changes made through the API: commits built without a working copy, and references moved only from where the caller
//! saw them.

mod commit;
mod import;
mod plan;
mod refs;
mod tag;

pub use commit::{Action, Change, CommitRequest};
pub use refs::RefChange;

use crate::error::{GitError, Result};
use crate::read::Signature;

/// A person in the form git stores: `Name <email> seconds zone`.
pub(crate) fn signature_line(person: &Signature) -> Result<String> {
    // What would end the name or the address early is left out, as git itself does.
    let clean = |text: &str| -> String {
        text.chars().filter(|char| !matches!(char, '<' | '>') && !char.is_control()).collect::<String>()
    };
    let (name, email) = (clean(&person.name), clean(&person.email));
    let crud = |char: char| char.is_whitespace() || ".,:;\"'\\".contains(char);
    let name = name.trim_matches(crud);
    if name.is_empty() {
        return Err(GitError::InvalidInput { what: "author name", reason: "must hold letters or digits" });
    }
    if person.time < 0 || person.time > 99_999_999_999 {
        return Err(GitError::InvalidInput { what: "author date", reason: "is out of range" });
    }
    if person.offset_minutes.abs() > 14 * 60 {
        return Err(GitError::InvalidInput { what: "author date", reason: "has an unknown zone" });
    }
    let sign = if person.offset_minutes < 0 { '-' } else { '+' };
    let (hours, minutes) = (person.offset_minutes.abs() / 60, person.offset_minutes.abs() % 60);
    Ok(format!("{name} <{}> {} {sign}{hours:02}{minutes:02}", email.trim(), person.time))
}

/// A message git can store and give back unchanged.
pub(crate) fn check_message(message: &str) -> Result<()> {
    if message.contains('\0') {
        return Err(GitError::InvalidInput { what: "message", reason: "must not contain a zero byte" });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
