//! Groups and namespaces.

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ groups;
    /// Lists the groups that the caller sees.
    ListGroups = Row::get("/groups").anonymous();
    /// Makes a group or a subgroup.
    CreateGroup = Row::post("/groups").no_bots();
    /// One group.
    GetGroup = Row::get("/groups/:id").needs(Ability::ReadGroup).anonymous().missing("Group");
    /// Changes a group.
    UpdateGroup = Row::put("/groups/:id").needs(Ability::OwnGroup).missing("Group");
    /// Deletes a group with all that lies in it.
    DeleteGroup = Row::delete("/groups/:id").needs(Ability::OwnGroup).missing("Group");
    /// Lists the groups directly below a group.
    ListSubgroups = Row::get("/groups/:id/subgroups").needs(Ability::ReadGroup).anonymous().missing("Group");
    /// Lists every group below a group.
    ListDescendantGroups = Row::get("/groups/:id/descendant_groups").needs(Ability::ReadGroup).anonymous().missing("Group");
    /// Lists the projects of a group.
    ListGroupProjects = Row::get("/groups/:id/projects").needs(Ability::ReadGroup).anonymous().missing("Group");
    /// Lists the namespaces in which the caller may make projects.
    ListNamespaces = Row::get("/namespaces");
    /// One namespace.
    GetNamespace = Row::get("/namespaces/:id").missing("Namespace");
}
