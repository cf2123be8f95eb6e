//! Groups.

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ group_pages;
    /// A group by GitLab's other address; leads to its own.
    ShowGroup = Row::page("/groups/:path").needs(Ability::ReadGroup).anonymous().missing("Group");
    /// The members of a group.
    ShowGroupMembers = Row::page("/groups/:path/-/group_members").needs(Ability::ReadGroup).anonymous().missing("Group");
    /// Adds a member.
    InviteGroupMember = Row::form("/groups/:path/-/group_members").needs(Ability::OwnGroup).missing("Group");
    /// The form for one member's role and end.
    ShowGroupMember = Row::page("/groups/:path/-/group_members/:user_id").needs(Ability::OwnGroup).missing("Group");
    /// Changes a member.
    ChangeGroupMember = Row::form("/groups/:path/-/group_members/:user_id").needs(Ability::OwnGroup).missing("Group");
    /// Asks whether a member is to be removed, or whether the caller wants to leave.
    AskToRemoveGroupMember = Row::page("/groups/:path/-/group_members/:user_id/remove").needs(Ability::ReadGroup).missing("Group");
    /// Removes a member, or leaves.
    EndGroupMember = Row::form("/groups/:path/-/group_members/:user_id/remove").needs(Ability::ReadGroup).missing("Group");
    /// What a group is called, who sees it, and what it allows.
    ShowGroupSettings = Row::page("/groups/:path/-/edit").needs(Ability::OwnGroup).missing("Group");
    /// Changes that.
    SaveGroup = Row::form("/groups/:path/-/edit").needs(Ability::OwnGroup).missing("Group");
    /// The form for another path.
    ShowGroupRename = Row::page("/groups/:path/-/rename").needs(Ability::OwnGroup).missing("Group");
    /// Changes the path of a group and of all that lies in it.
    RenameGroup = Row::form("/groups/:path/-/rename").needs(Ability::OwnGroup).missing("Group");
    /// Asks whether a group is to be deleted.
    AskToDeleteGroup = Row::page("/groups/:path/-/delete").needs(Ability::OwnGroup).missing("Group");
    /// Deletes a group with all that lies in it.
    DropGroup = Row::form("/groups/:path/-/delete").needs(Ability::OwnGroup).missing("Group");
}
