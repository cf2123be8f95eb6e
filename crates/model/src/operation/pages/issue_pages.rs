//! A project's issues.

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ issue_pages;
    /// The issues of a project.
    ShowIssues = Row::page("/:path/-/issues").needs(Ability::ReadIssues).anonymous().missing("Project");
    /// Opens an issue.
    OpenIssue = Row::form("/:path/-/issues").needs(Ability::WriteIssues).missing("Project");
    /// The form for a new issue.
    ShowNewIssue = Row::page("/:path/-/issues/new").needs(Ability::WriteIssues).missing("Project");
    /// One issue with its notes.
    ShowIssue = Row::page("/:path/-/issues/:iid").needs(Ability::ReadIssues).anonymous().missing("Project");
    /// Changes an issue; its author and assignees may without a role.
    ChangeIssue = Row::form("/:path/-/issues/:iid").needs(Ability::WriteIssues).missing("Project");
    /// The form for changing an issue.
    ShowIssueForm = Row::page("/:path/-/issues/:iid/edit").needs(Ability::WriteIssues).missing("Project");
    /// Asks whether an issue is to be deleted.
    AskToDeleteIssue = Row::page("/:path/-/issues/:iid/delete").needs(Ability::DestroyIssues).missing("Project");
    /// Deletes an issue with its notes.
    RemoveIssue = Row::form("/:path/-/issues/:iid/delete").needs(Ability::DestroyIssues).missing("Project");
    /// Writes a note, closes or opens the issue again, or both.
    Comment = Row::form("/:path/-/issues/:iid/notes").needs(Ability::WriteIssues).missing("Project");
    /// The form for changing a note.
    ShowNoteForm = Row::page("/:path/-/issues/:iid/notes/:note_id").needs(Ability::WriteIssues).missing("Project");
    /// Changes a note, by its author or a Maintainer.
    ChangeNote = Row::form("/:path/-/issues/:iid/notes/:note_id").needs(Ability::WriteIssues).missing("Project");
    /// Asks whether a note is to be deleted.
    AskToDeleteNote = Row::page("/:path/-/issues/:iid/notes/:note_id/delete").needs(Ability::WriteIssues).missing("Project");
    /// Deletes a note, by its author or a Maintainer.
    RemoveNote = Row::form("/:path/-/issues/:iid/notes/:note_id/delete").needs(Ability::WriteIssues).missing("Project");
}
