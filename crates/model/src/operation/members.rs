//! Members of projects and groups.

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ members;
    /// Lists the direct members of a project, bots included (B5).
    ListProjectMembers = Row::get("/projects/:id/members").needs(Ability::ReadMembers).anonymous().missing("Project");
    /// Lists the members of a project, inherited ones included.
    ListAllProjectMembers = Row::get("/projects/:id/members/all").needs(Ability::ReadMembers).anonymous().missing("Project");
    /// One direct member of a project.
    GetProjectMember = Row::get("/projects/:id/members/:user_id").needs(Ability::ReadMembers).anonymous().missing("Project");
    /// One member of a project, inherited or not.
    GetAnyProjectMember = Row::get("/projects/:id/members/all/:user_id").needs(Ability::ReadMembers).anonymous().missing("Project");
    /// Adds a member to a project; bots are refused (B6).
    AddProjectMember = Row::post("/projects/:id/members").needs(Ability::ManageMembers).missing("Project");
    /// Changes a member of a project; bots are refused (B5).
    UpdateProjectMember = Row::put("/projects/:id/members/:user_id").needs(Ability::ManageMembers).missing("Project");
    /// Removes a member of a project; whoever leaves by themselves needs no role.
    RemoveProjectMember = Row::delete("/projects/:id/members/:user_id").needs(Ability::ReadMembers).missing("Project");
    /// Lists the direct members of a group, bots included (B5).
    ListGroupMembers = Row::get("/groups/:id/members").needs(Ability::ReadGroup).anonymous().missing("Group");
    /// Lists the members of a group, inherited ones included.
    ListAllGroupMembers = Row::get("/groups/:id/members/all").needs(Ability::ReadGroup).anonymous().missing("Group");
    /// One direct member of a group.
    GetGroupMember = Row::get("/groups/:id/members/:user_id").needs(Ability::ReadGroup).anonymous().missing("Group");
    /// One member of a group, inherited or not.
    GetAnyGroupMember = Row::get("/groups/:id/members/all/:user_id").needs(Ability::ReadGroup).anonymous().missing("Group");
    /// Adds a member to a group; bots are refused (B6).
    AddGroupMember = Row::post("/groups/:id/members").needs(Ability::OwnGroup).missing("Group");
    /// Changes a member of a group; bots are refused (B5).
    UpdateGroupMember = Row::put("/groups/:id/members/:user_id").needs(Ability::OwnGroup).missing("Group");
    /// Removes a member of a group; whoever leaves by themselves needs no role.
    RemoveGroupMember = Row::delete("/groups/:id/members/:user_id").needs(Ability::ReadGroup).missing("Group");
}
