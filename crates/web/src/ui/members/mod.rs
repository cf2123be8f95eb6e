//! The members of a project.

mod change;
mod list;
mod remove;

use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::role::Role;
use tessera_model::time::Date;
use tessera_service::members::Fixed;
use tessera_service::members::roster::Seat;
use tessera_service::projects::menu;
use tessera_service::{Authorized, Key, Tx};

use super::complaints::Complaints;
use super::form::Form;
use super::places::ProjectPlace;

/// The project of the address, and what the caller finds in it.
fn project<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    form: &Form,
) -> Result<(Authorized<'tx, Op, Project>, ProjectPlace)> {
    let project = tx.project::<Op>(&Key::Path(form.place("path").to_owned()))?;
    let menu = menu::of(tx, &project)?;
    let place = ProjectPlace { project: Project::clone(&project), menu };
    Ok((project, place))
}

/// Why nobody may change or end this membership, for people; empty where it can be.
pub(super) fn reason(seat: &Seat) -> String {
    match seat.fixed {
        Some(Fixed::Bot) => format!(
            "Managed by its access token {}: revoke it under Settings > Access tokens.",
            seat.member.user.name
        ),
        Some(Fixed::OwnNamespace) => "The project lies in their own namespace.".to_owned(),
        Some(Fixed::LastOwner) => "Nobody else owns the group.".to_owned(),
        None => String::new(),
    }
}

/// The role that a form asks for.
pub(super) fn role(form: &Form) -> Option<Role> {
    form.number("access_level").and_then(Role::from_level)
}

/// The end that a form asks for; what is no date is complained of.
pub(super) fn end(form: &Form, problems: &mut Complaints) -> Option<Date> {
    form.date("expires_at").unwrap_or_else(|text| {
        problems.say("expires_at", &format!("The end {text}."));
        None
    })
}

/// The article before the name of a role.
pub(super) fn with_article(role: Role) -> String {
    let article = if role == Role::Owner { "an" } else { "a" };
    format!("{article} {}", role.title())
}
