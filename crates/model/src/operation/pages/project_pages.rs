//! A project's members and settings.

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ project_pages;
    /// The members of a project: people, then bots.
    ShowMembers = Row::page("/:path/-/project_members").needs(Ability::ReadMembers).anonymous().missing("Project");
    /// Adds a member; bots are refused (B6).
    AddMember = Row::form("/:path/-/project_members").needs(Ability::ManageMembers).missing("Project");
    /// The form for one member's role and end.
    ShowMember = Row::page("/:path/-/project_members/:user_id").needs(Ability::ManageMembers).missing("Project");
    /// Changes a member; bots are refused (B5).
    ChangeMember = Row::form("/:path/-/project_members/:user_id").needs(Ability::ManageMembers).missing("Project");
    /// Asks whether a member is to be removed, or whether the caller wants to leave.
    AskToRemoveMember = Row::page("/:path/-/project_members/:user_id/remove").needs(Ability::ReadMembers).missing("Project");
    /// Removes a member, or leaves; bots are refused (B5).
    RemoveMember = Row::form("/:path/-/project_members/:user_id/remove").needs(Ability::ReadMembers).missing("Project");
}
