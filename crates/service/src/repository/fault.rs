//! What git says, as the API says it.

use tessera_git::{GitError, Rejected};
use tessera_model::Error;

use crate::git_access::git_fault;

/// Turns what git says into what the domain says. What a use case has words of its own for, it looks at
/// before.
pub(crate) fn fault(error: GitError) -> Error {
    match error {
        GitError::NotFound => Error::missing(""),
        GitError::Conflict { name, .. } => {
            Error::Refused(format!("Could not update {name}. Please refresh and try again."))
        }
        GitError::Rejected(rejected) => Error::Refused(rejection(&rejected)),
        GitError::InvalidInput { what, reason } => Error::Refused(format!("The {what} {reason}")),
        GitError::TooLarge { limit } => {
            Error::Unprocessable(format!("The content is larger than {limit} bytes"))
        }
        other => git_fault(other),
    }
}

/// A failure in the middle of what git gives piece by piece.
pub(crate) fn io_fault(error: std::io::Error) -> Error {
    fault(GitError::Io { context: "read from git", source: error })
}

/// GitLab's words for a change that contradicts the tree.
fn rejection(rejected: &Rejected) -> String {
    match rejected {
        Rejected::FileExists { .. } => "A file with this name already exists".to_owned(),
        Rejected::DirectoryExists { .. } => "A directory with this name already exists".to_owned(),
        Rejected::FileMissing { .. } => "A file with this name doesn't exist".to_owned(),
        Rejected::ParentIsFile { parent, .. } => format!("{parent} is a file, not a directory"),
        Rejected::InvalidPath { reason, .. } => format!("The path {reason}"),
        _ => "The change contradicts the files of the branch".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overload_is_told_as_something_that_passes() {
        assert!(matches!(fault(GitError::Busy), Error::Unavailable(_)));
    }

    #[test]
    fn rejections_have_the_words_that_clients_know() {
        let path = || "a".to_owned();
        for (rejected, text) in [
            (Rejected::FileExists { path: path() }, "A file with this name already exists"),
            (Rejected::FileMissing { path: path() }, "A file with this name doesn't exist"),
            (Rejected::DirectoryExists { path: path() }, "A directory with this name already exists"),
        ] {
            let error = fault(rejected.into());
            assert!(matches!(&error, Error::Refused(said) if said == text), "{error}");
        }
    }

    #[test]
    fn what_git_wrote_never_reaches_a_client() {
        let failed = GitError::Failed { command: "x", status: "128".into(), stderr: "/srv/secret".into() };
        assert!(matches!(fault(failed), Error::Internal(_)));
    }
}
