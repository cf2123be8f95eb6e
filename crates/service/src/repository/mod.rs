//! Files, branches and tags of a project's repository.
//!
//! Git works outside of every database transaction, so these use cases come in steps: a transaction
//! finds out who asks and whether they may ([`open`]), git reads or makes what is asked for, and for a
//! write a second transaction judges again, with the references that are to move, before they move.

mod author;
pub mod browse;
pub mod create_branch;
pub mod create_tag;
pub mod delete_branch;
pub mod delete_merged_branches;
pub mod delete_tag;
pub mod edit_file;
mod fault;
mod first_commit;
pub mod get_branch;
pub mod get_file;
pub mod get_tag;
mod lanes;
pub mod list_branches;
pub mod list_tags;
mod move_refs;
mod place;
mod search;
mod version;

pub use author::author;
pub use first_commit::first_commit;
pub use get_branch::BranchShown;
pub use get_file::{Content, FileShown};
pub use get_tag::TagShown;
pub use place::{Place, open};
pub use tessera_git::{Commit, Oid, Signature};

pub(crate) use fault::{fault, io_fault};
pub(crate) use lanes::Lanes;

/// Whether a path could be that of a file; slashes at its ends are forgiven.
pub fn is_path(path: &str) -> bool {
    tessera_git::treepath::check_lookup(path).is_ok_and(|path| !path.is_empty())
}
