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
    /// The settings of a project.
    ShowGeneral = Row::page("/:path/edit").needs(Ability::ReadSettings).missing("Project");
    /// Changes them.
    SaveGeneral = Row::form("/:path/edit").needs(Ability::ManageProject).missing("Project");
    /// The form for another path.
    ShowRename = Row::page("/:path/-/rename").needs(Ability::ManageProject).missing("Project");
    /// Gives the project another path.
    RenameProject = Row::form("/:path/-/rename").needs(Ability::ManageProject).missing("Project");
    /// Asks whether a project is to be archived.
    AskToArchive = Row::page("/:path/-/archive").needs(Ability::OwnProject).missing("Project");
    /// Makes a project read-only.
    PutIntoArchive = Row::form("/:path/-/archive").needs(Ability::OwnProject).missing("Project");
    /// Lets a project be written again.
    TakeOutOfArchive = Row::form("/:path/-/unarchive").needs(Ability::OwnProject).missing("Project");
    /// Asks whether a project is to be deleted, and says what goes with it.
    AskToDeleteProject = Row::page("/:path/-/delete").needs(Ability::OwnProject).missing("Project");
    /// Deletes a project with its repository, tokens and bots.
    RemoveProject = Row::form("/:path/-/delete").needs(Ability::OwnProject).missing("Project");
    /// Protected branches and tags.
    ShowRepository = Row::page("/:path/-/settings/repository").needs(Ability::ReadSettings).missing("Project");
    /// Protects a branch, a tag, or a wildcard of either.
    Protect = Row::form("/:path/-/settings/repository").needs(Ability::ManageProject).missing("Project");
    /// The form for one rule.
    ShowProtection = Row::page("/:path/-/settings/repository/:rule_id").needs(Ability::ManageProject).missing("Project");
    /// Changes who may do what.
    ChangeProtection = Row::form("/:path/-/settings/repository/:rule_id").needs(Ability::ManageProject).missing("Project");
    /// Asks whether a rule is to be lifted.
    AskToUnprotect = Row::page("/:path/-/settings/repository/:rule_id/unprotect")
        .needs(Ability::ManageProject).missing("Project");
    /// Lifts a rule.
    LiftProtection = Row::form("/:path/-/settings/repository/:rule_id/unprotect")
        .needs(Ability::ManageProject).missing("Project");
}
