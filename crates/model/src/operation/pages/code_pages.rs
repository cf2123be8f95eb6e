//! A project's files and history.

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ code_pages;
    /// What lies at a path: a project's first page, a group's, or that of an account.
    ShowProject = Row::page("/:path").needs(Ability::ReadProject).anonymous().missing("Project");
}
