//! What a caller finds in a group: the entries of its navigation, and whether pages offer to change something.

use tessera_model::ability::Ability;
use tessera_model::operation::Operation;
use tessera_model::project::Namespace;

use crate::{Authorized, Tx};

/// What a caller may do in a group, as far as pages show it. Each is judged again where it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Menu {
    /// Making a project in it.
    pub create_projects: bool,
    /// Making a group in it.
    pub create_subgroups: bool,
    /// Changing and deleting it, and managing its members.
    pub own: bool,
}

/// What the caller finds in a group.
pub fn of<'tx, Op: Operation>(tx: &Tx<'tx>, group: &Authorized<'tx, Op, Namespace>) -> Menu {
    let may = |ability| tx.role_gives(ability, group.role());
    Menu {
        create_projects: may(Ability::CreateProjects),
        create_subgroups: may(Ability::CreateSubgroups),
        own: may(Ability::OwnGroup),
    }
}
