//! What one may do to an object, and the least role that may do it.

use crate::role::Role;
use crate::visibility::Visibility;

/// Something one may do to an object. An operation of the table names the one it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ability {
    /// Being somebody; the use case narrows what is answered to what the caller may see.
    Exist,
    /// Administering the instance.
    Administer,
    /// Being the user in question, or an administrator.
    BeUserOrAdmin,
    /// Reading a project's face.
    ReadProject,
    /// Reading its files, branches and history.
    DownloadCode,
    /// Writing files, branches and tags.
    PushCode,
    /// Reading protected branches and tags.
    ReadProtection,
    /// Reading its members.
    ReadMembers,
    /// Adding, changing and removing members.
    ManageMembers,
    /// Listing and reading project access tokens.
    ReadTokens,
    /// Making a project access token.
    CreateTokens,
    /// Giving a project access token a new secret.
    RotateTokens,
    /// Revoking a project access token.
    RevokeTokens,
    /// A token acting on itself.
    BeToken,
    /// Reading issues and notes.
    ReadIssues,
    /// Reading what the audit log has of a project.
    ReadAudit,
    /// Opening an issue, writing a note.
    WriteIssues,
    /// Changing an issue; authors and assignees may, whatever their role.
    EditIssues,
    /// Deleting an issue.
    DestroyIssues,
    /// Reading, changing and testing web hooks.
    ManageHooks,
    /// Reading settings: of an archived project too, which cannot be changed.
    ReadSettings,
    /// Changing settings, protected branches and tags.
    ManageProject,
    /// Archiving, moving and deleting the project.
    OwnProject,
    /// Reading a group's face, its projects and subgroups.
    ReadGroup,
    /// Making a project in a group.
    CreateProjects,
    /// Making a subgroup.
    CreateSubgroups,
    /// Changing and deleting a group and its members.
    OwnGroup,
}

/// Who has an ability on an object that they can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The least role of a member.
    pub role: Role,
    /// Whether being able to see the object suffices where it is public or internal.
    pub open: Openness,
    /// Whether a bot may have it in its own project.
    pub bots: bool,
    /// Whether an archived project still allows it.
    pub archived: bool,
}

/// Who beside the members has an ability on a public or internal object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Openness {
    /// Nobody.
    Members,
    /// Every signed-in user who can see it.
    SignedIn,
    /// Everybody who can see it.
    Everyone,
}

use Openness::{Everyone, Members, SignedIn};

impl Ability {
    /// The rule for objects; `None` for abilities that do not hang on a role.
    pub fn rule(self) -> Option<Rule> {
        let rule = |role, open, bots, archived| Some(Rule { role, open, bots, archived });
        match self {
            Self::Exist | Self::Administer | Self::BeUserOrAdmin | Self::BeToken => None,
            Self::ReadProject | Self::ReadGroup | Self::ReadIssues | Self::ReadMembers => {
                rule(Role::Guest, Everyone, true, true)
            }
            Self::DownloadCode => rule(Role::Reporter, Everyone, true, true),
            Self::WriteIssues => rule(Role::Guest, SignedIn, true, false),
            Self::EditIssues => rule(Role::Planner, Members, true, false),
            Self::DestroyIssues => rule(Role::Owner, Members, true, false),
            Self::ReadProtection => rule(Role::Developer, Members, true, true),
            Self::PushCode => rule(Role::Developer, Members, true, false),
            Self::ReadTokens
            | Self::RevokeTokens
            | Self::ManageMembers
            | Self::ReadAudit
            | Self::ReadSettings
            | Self::ManageHooks => rule(Role::Maintainer, Members, true, true),
            Self::CreateTokens | Self::RotateTokens | Self::CreateSubgroups => {
                rule(Role::Maintainer, Members, false, true)
            }
            Self::ManageProject => rule(Role::Maintainer, Members, true, false),
            Self::CreateProjects => rule(Role::Developer, Members, false, true),
            Self::OwnProject | Self::OwnGroup => rule(Role::Owner, Members, false, true),
        }
    }

    /// Whether somebody without a role has the ability on an object of this visibility that they
    /// can see.
    pub fn is_open(self, visibility: Visibility, signed_in: bool) -> bool {
        visibility != Visibility::Private
            && self.rule().is_some_and(|rule| match rule.open {
                Members => false,
                SignedIn => signed_in,
                Everyone => true,
            })
    }
}
