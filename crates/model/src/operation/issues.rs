//! Issues.

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ issues;
    /// Lists issues of all projects that the caller sees; by default its own.
    ListIssues = Row::get("/issues").anonymous();
    /// Lists the issues of a project.
    ListProjectIssues = Row::get("/projects/:id/issues").needs(Ability::ReadIssues).anonymous().missing("Project");
    /// One issue.
    GetIssue = Row::get("/projects/:id/issues/:issue_iid").needs(Ability::ReadIssues).anonymous().missing("Project");
    /// Opens an issue as the caller (B4).
    CreateIssue = Row::post("/projects/:id/issues").needs(Ability::WriteIssues).missing("Project");
    /// Changes an issue; its author and assignees may without a role.
    UpdateIssue = Row::put("/projects/:id/issues/:issue_iid").needs(Ability::WriteIssues).missing("Project");
    /// Deletes an issue.
    DeleteIssue = Row::delete("/projects/:id/issues/:issue_iid").needs(Ability::DestroyIssues).missing("Project");
}
