//! What a caller finds in a project: the entries of its navigation, and whether pages offer to change something.

use tessera_model::Result;
use tessera_model::ability::Ability;
use tessera_model::operation::Operation;
use tessera_model::project::Project;

use crate::feature::{self, RESOURCE_ACCESS_TOKEN};
use crate::{Authorized, Tx};

/// What a caller may do in a project, as far as pages show it. Each is judged again where it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Menu {
    /// Reading the repository.
    pub code: bool,
    /// Writing into it.
    pub push: bool,
    /// Opening issues and writing notes.
    pub write_issues: bool,
    /// Changing issues.
    pub edit_issues: bool,
    /// Adding, changing and removing members.
    pub manage_members: bool,
    /// Reading settings.
    pub settings: bool,
    /// Changing them.
    pub manage: bool,
    /// Archiving, moving and deleting.
    pub own: bool,
    /// The page of access tokens; gone where the feature is off (D13).
    pub tokens: bool,
}

/// What the caller finds in a project.
///
/// # Errors
/// When the database does not answer.
pub fn of<'tx, Op: Operation>(tx: &mut Tx<'tx>, project: &Authorized<'tx, Op, Project>) -> Result<Menu> {
    let signed_in = !tx.caller.is_anonymous();
    let may = |ability: Ability| {
        let archived = project.archived && ability.rule().is_none_or(|rule| !rule.archived);
        let open = ability.is_open(project.visibility, signed_in);
        !archived && (open || tx.role_gives(ability, project.role()))
    };
    let mut menu = Menu {
        code: may(Ability::DownloadCode),
        push: may(Ability::PushCode),
        write_issues: may(Ability::WriteIssues),
        edit_issues: may(Ability::EditIssues),
        manage_members: may(Ability::ManageMembers),
        settings: may(Ability::ReadSettings),
        manage: may(Ability::ManageProject),
        own: may(Ability::OwnProject),
        tokens: may(Ability::ReadTokens),
    };
    if menu.tokens {
        menu.tokens = feature::is_on_for_project(tx, RESOURCE_ACCESS_TOKEN, project.id)?;
    }
    Ok(menu)
}
