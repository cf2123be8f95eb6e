//! Branches.

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ branches;
    /// Lists the branches.
    ListBranches = Row::get("/projects/:id/repository/branches").needs(Ability::DownloadCode).anonymous().missing("Project");
    /// One branch.
    GetBranch = Row::get("/projects/:id/repository/branches/:branch").needs(Ability::DownloadCode).anonymous().missing("Project");
    /// Makes a branch.
    CreateBranch = Row::post("/projects/:id/repository/branches").needs(Ability::PushCode).missing("Project");
    /// Deletes a branch.
    DeleteBranch = Row::delete("/projects/:id/repository/branches/:branch").needs(Ability::PushCode).missing("Project");
    /// Deletes the branches that the default branch contains, protected ones excepted.
    DeleteMergedBranches = Row::delete("/projects/:id/repository/merged_branches").needs(Ability::PushCode).missing("Project");
}
