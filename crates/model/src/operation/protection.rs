//! Protected branches and tags.

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ protection;
    /// Lists the protected branches and wildcards.
    ListProtectedBranches = Row::get("/projects/:id/protected_branches").needs(Ability::ReadProtection).missing("Project");
    /// One protected branch or wildcard.
    GetProtectedBranch = Row::get("/projects/:id/protected_branches/:name").needs(Ability::ReadProtection).missing("Project");
    /// Protects a branch or a wildcard.
    ProtectBranch = Row::post("/projects/:id/protected_branches").needs(Ability::ManageProject).missing("Project");
    /// Changes who may push to a protected branch.
    UpdateProtectedBranch = Row::patch("/projects/:id/protected_branches/:name")
        .needs(Ability::ManageProject).missing("Project");
    /// Lifts the protection of a branch.
    UnprotectBranch = Row::delete("/projects/:id/protected_branches/:name").needs(Ability::ManageProject).missing("Project");
    /// Lists the protected tags and wildcards.
    ListProtectedTags = Row::get("/projects/:id/protected_tags").needs(Ability::ReadProtection).missing("Project");
    /// One protected tag or wildcard.
    GetProtectedTag = Row::get("/projects/:id/protected_tags/:name").needs(Ability::ReadProtection).missing("Project");
    /// Protects a tag or a wildcard.
    ProtectTag = Row::post("/projects/:id/protected_tags").needs(Ability::ManageProject).missing("Project");
    /// Lifts the protection of a tag.
    UnprotectTag = Row::delete("/projects/:id/protected_tags/:name").needs(Ability::ManageProject).missing("Project");
}
