//! A group's first page: what it is, what lies in it. It stands at the group's own path.

use askama::Template;
use tessera_model::Result;
use tessera_service::Slice;
use tessera_service::groups::list as groups;
use tessera_service::projects::list::{self as projects, Wanted};

use super::{GroupLine, GroupPlace, group};
use crate::reply::Reply;
use crate::ui::frame::Frame;
use crate::ui::home::ProjectLine;
use crate::ui::paging::{PER_PAGE, Pages, slice};
use crate::ui::places::GroupPage;
use crate::ui::visit::{Page, Visit};

/// Subgroups beside the first projects; all of them have a list of their own.
const FEW: i64 = 10;

#[derive(Template)]
#[template(path = "groups/overview.html")]
struct GroupOverview {
    frame: Frame,
    place: GroupPlace,
    subgroups: Vec<GroupLine>,
    subgroups_total: i64,
    projects: Vec<ProjectLine>,
    projects_total: i64,
    /// Whether this is the list of subgroups, without the projects.
    only_subgroups: bool,
    pages: Pages,
}

impl GroupOverview {
    fn is_empty(&self) -> bool {
        self.subgroups_total == 0 && self.projects_total == 0
    }

    fn has_more_subgroups(&self) -> bool {
        !self.only_subgroups && self.subgroups_total > FEW
    }

    fn may_add(&self) -> bool {
        self.place.menu.create_projects || self.place.menu.create_subgroups
    }

    fn new_project(&self) -> String {
        format!("/projects/new?namespace_id={}", self.place.group.id)
    }

    fn new_subgroup(&self) -> String {
        format!("/groups/new?parent_id={}", self.place.group.id)
    }
}

/// Shows the group at the path of the address.
///
/// # Errors
/// As [`Tx::group`](tessera_service::Tx::group) where there is none.
pub(crate) async fn show<Op: Page>(visit: &Visit<Op>) -> Result<Reply> {
    let only_subgroups = visit.form().text("show") == "subgroups";
    let found = visit.read(move |tx, form| {
        let (group, place) = group::<Op>(tx, form)?;
        let every = groups::Wanted {
            all_available: Some(true),
            order_by: "name".to_owned(),
            ..groups::Wanted::default()
        };
        let few = if only_subgroups { slice(form, PER_PAGE) } else { Slice { limit: FEW, offset: 0 } };
        let subgroups = groups::in_group(tx, &group, &every, few)?;
        let wanted =
            Wanted { order_by: "last_activity_at".to_owned(), descending: true, ..Wanted::default() };
        let listed = projects::of_group(tx, &group, false, &wanted, slice(form, PER_PAGE))?;
        Ok((place, subgroups, listed))
    });
    let ((place, subgroups, listed), proof) = found.await?.take();
    let now = visit.service().now();
    let total = if only_subgroups { subgroups.total } else { listed.total };
    let shown = if only_subgroups { subgroups.items.len() } else { listed.items.len() };
    let pages = Pages::new(visit.form(), &place.home(), &["show"], total, shown, PER_PAGE);
    let frame = visit.frame(place.group.full_name.clone()).await?;
    let label = if only_subgroups { "Subgroups" } else { "" };
    let page = GroupOverview {
        frame: place.frame(frame, GroupPage::Overview, label),
        subgroups: subgroups
            .items
            .iter()
            .map(|group| GroupLine { label: group.name.clone(), ..GroupLine::of(group) })
            .collect(),
        subgroups_total: subgroups.total.unwrap_or_default(),
        projects: listed.items.iter().map(|seen| ProjectLine::of(seen, now)).collect(),
        projects_total: listed.total.unwrap_or_default(),
        place,
        only_subgroups,
        pages,
    };
    visit.show(proof, &page)
}
