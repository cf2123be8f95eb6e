//! Notes on issues.

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ notes;
    /// Lists the notes of an issue.
    ListNotes = Row::get("/projects/:id/issues/:issue_iid/notes").needs(Ability::ReadIssues).anonymous().missing("Project");
    /// One note.
    GetNote = Row::get("/projects/:id/issues/:issue_iid/notes/:note_id").needs(Ability::ReadIssues).anonymous().missing("Project");
    /// Writes a note as the caller.
    CreateNote = Row::post("/projects/:id/issues/:issue_iid/notes").needs(Ability::WriteIssues).missing("Project");
    /// Changes a note, by its author or a Maintainer.
    UpdateNote = Row::put("/projects/:id/issues/:issue_iid/notes/:note_id").needs(Ability::WriteIssues).missing("Project");
    /// Deletes a note, by its author or a Maintainer.
    DeleteNote = Row::delete("/projects/:id/issues/:issue_iid/notes/:note_id").needs(Ability::WriteIssues).missing("Project");
}
