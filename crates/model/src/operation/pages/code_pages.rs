//! A project's files and history.

use crate::ability::Ability;
use crate::operation::Row;

const fn code(path: &'static str) -> Row {
    Row::page(path).needs(Ability::DownloadCode).anonymous().missing("Project")
}

operations! { $ code_pages;
    /// A project's first page. That of a group and that of an account have the same address.
    ShowProject = Row::page("/:path").needs(Ability::ReadProject).anonymous().missing("Project");
    /// A folder.
    ShowTree = code("/:path/-/tree/*rest");
    /// A file.
    ShowBlob = code("/:path/-/blob/*rest");
    /// The bytes of a file.
    ShowRaw = code("/:path/-/raw/*rest");
    /// A history.
    ShowCommits = code("/:path/-/commits/*rest");
    /// One commit.
    ShowCommit = code("/:path/-/commit/:sha");
    /// The branches.
    ShowBranches = code("/:path/-/branches");
    /// The tags.
    ShowTags = code("/:path/-/tags");
}
