//! Groups.

mod delete;
mod general;
mod member;
mod members;
pub(crate) mod overview;
mod redirect;
mod rename;

use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_model::project::Namespace;
use tessera_service::groups::menu::{self, Menu};
use tessera_service::{Authorized, Key, Tx};

use super::form::Form;
use super::frame::Frame;
use super::places::{GroupPage, below, group_frame};

/// A group as its pages show it around their content.
#[derive(Clone)]
pub(crate) struct GroupPlace {
    pub(crate) group: Namespace,
    pub(crate) menu: Menu,
}

impl GroupPlace {
    /// The address of the group itself.
    pub(crate) fn home(&self) -> String {
        below(&self.group.full_path, "")
    }

    /// The address of a page about the group: `rest` starts with a slash.
    pub(crate) fn at(&self, rest: &str) -> String {
        format!("/groups{}/-{rest}", self.home())
    }

    /// Puts a page into its place; `label` is the last step on the way, empty for the group itself.
    pub(crate) fn frame(&self, frame: Frame, page: GroupPage, label: &str) -> Frame {
        group_frame(frame, &self.group, self.menu.own, page, label)
    }
}

/// The group of the address, if the caller may do `Op` to it, and what the caller finds in it.
fn group<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    form: &Form,
) -> Result<(Authorized<'tx, Op, Namespace>, GroupPlace)> {
    let group = tx.group::<Op>(&Key::Path(form.place("path").to_owned()))?;
    let place = GroupPlace { group: Namespace::clone(&group), menu: menu::of(tx, &group) };
    Ok((group, place))
}

/// A number and its word.
fn count(number: i64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A group in a list.
pub(crate) struct GroupLine {
    pub(crate) href: String,
    /// Its full path, or where all of a list lie in one group, its name.
    pub(crate) label: String,
    pub(crate) description: String,
    pub(crate) visibility: &'static str,
}

impl GroupLine {
    /// How lists of the whole site show a group.
    pub(crate) fn of(group: &Namespace) -> Self {
        Self {
            href: below(&group.full_path, ""),
            label: group.full_path.clone(),
            description: group.description.clone(),
            visibility: group.visibility.title(),
        }
    }
}
