//! `/groups/:path/-/delete`.

use askama::Template;
use tessera_model::operation::Operation;
use tessera_model::operation::group_pages::{AskToDeleteGroup, DropGroup};
use tessera_model::project::Namespace;
use tessera_model::{Error, Result};
use tessera_service::groups::{list as groups, remove};
use tessera_service::projects::list as projects;
use tessera_service::{Authorized, Slice, Tx};

use super::{GroupPlace, count, group};
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::places::GroupPage;
use crate::ui::visit::{Go, Page, Visit};

#[derive(Template)]
#[template(path = "groups/delete.html")]
struct DeletePage {
    frame: Frame,
    place: GroupPlace,
    losses: Losses,
    typed: String,
    problems: Complaints,
}

/// What lies in a group, at any depth.
pub(super) struct Losses {
    pub(super) groups: i64,
    pub(super) projects: i64,
}

/// Counts what lies in a group; its owner sees all of it.
pub(super) fn losses<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    group: &Authorized<'tx, Op, Namespace>,
) -> Result<Losses> {
    const COUNT: Slice = Slice { limit: 1, offset: 0 };
    let every = groups::Wanted { all_available: Some(true), ..groups::Wanted::default() };
    let below = groups::below_group(tx, group, &every, COUNT)?.total.unwrap_or_default();
    let within = projects::of_group(tx, group, true, &projects::Wanted::default(), COUNT)?;
    Ok(Losses { groups: below, projects: within.total.unwrap_or_default() })
}

impl Losses {
    fn in_words(&self) -> (String, String) {
        (count(self.projects, "project", "projects"), count(self.groups, "subgroup", "subgroups"))
    }

    /// What goes with the group, in a sentence.
    pub(super) fn sentence(&self) -> String {
        let (projects, groups) = self.in_words();
        format!(
            "{projects} and {groups} are lost with it: repositories, issues, access tokens and their bots. This cannot be undone."
        )
    }
}

impl DeletePage {
    fn projects(&self) -> String {
        self.losses.in_words().0
    }

    fn groups(&self) -> String {
        self.losses.in_words().1
    }
}

impl Page for AskToDeleteGroup {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

impl Page for DropGroup {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let done = visit.act(|tx, form| {
            let (group, _) = group::<Self>(tx, form)?;
            if form.text("confirm").trim() != group.full_path {
                return Err(Error::invalid("confirm", "is not the path of the group"));
            }
            remove::delete(tx, &group)?;
            Ok(Go::to("/dashboard/groups").saying(format!("{} was deleted.", group.full_path)))
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(Error::Invalid(_)) => {
                let text = "This is not the path of the group. Nothing was deleted.";
                show(&visit, Complaints::saying("confirm", text)).await
            }
            Err(other) => Err(other),
        }
    }
}

async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let (group, place) = group::<Op>(tx, form)?;
        Ok((place, losses(tx, &group)?))
    });
    let ((place, losses), proof) = found.await?.take();
    let frame = place.frame(visit.frame("Delete group").await?, GroupPage::Settings, "");
    let page = DeletePage {
        frame: frame.crumb("Settings", place.at("/edit")).crumb("Delete group", ""),
        place,
        losses,
        typed: visit.form().text("confirm").to_owned(),
        problems,
    };
    if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_counted() {
        let text = Losses { groups: 0, projects: 1 }.sentence();
        assert!(text.starts_with("1 project and 0 subgroups are lost"), "{text}");
    }
}
