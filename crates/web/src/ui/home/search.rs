//! `/search`: projects and groups by a part of their name or path.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::home_pages::ShowSearch;
use tessera_service::groups::list as groups;
use tessera_service::projects::list as projects;
use tessera_service::{Listed, Slice};

use super::ProjectLine;
use crate::reply::Reply;
use crate::ui::frame::Frame;
use crate::ui::groups::GroupLine;
use crate::ui::paging::{PER_PAGE, Pages, slice};
use crate::ui::visit::{Page, Visit};

#[derive(Template)]
#[template(path = "home/search.html")]
struct SearchPage {
    frame: Frame,
    text: String,
    /// The same, for addresses.
    query: String,
    of_groups: bool,
    projects: Vec<ProjectLine>,
    projects_total: i64,
    groups: Vec<GroupLine>,
    groups_total: i64,
    pages: Pages,
}

impl SearchPage {
    fn is_empty(&self) -> bool {
        if self.of_groups { self.groups.is_empty() } else { self.projects.is_empty() }
    }
}

/// Of the list that is not shown the number alone is asked for.
const COUNT: Slice = Slice { limit: 1, offset: 0 };

impl Page for ShowSearch {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let of_groups = visit.form().text("scope") == "groups";
        let found = visit.read(move |tx, form| {
            let right = tx.instance::<Self>()?;
            let Some(text) = form.filled("search").map(str::to_owned) else {
                let nothing = Listed { items: Vec::new(), total: Some(0) };
                return Ok((nothing, Listed { items: Vec::new(), total: Some(0) }));
            };
            let shown = slice(form, PER_PAGE);
            let in_projects = projects::Wanted {
                filter: projects::ProjectFilter { search: Some(text.clone()), ..Default::default() },
                order_by: "last_activity_at".to_owned(),
                descending: true,
                owned: false,
            };
            let in_groups = groups::Wanted {
                filter: groups::GroupFilter { search: Some(text), ..Default::default() },
                all_available: Some(true),
                order_by: "name".to_owned(),
                descending: false,
            };
            let (projects_slice, groups_slice) = if of_groups { (COUNT, shown) } else { (shown, COUNT) };
            let projects = projects::visible(tx, &right, &in_projects, projects_slice)?;
            let groups = groups::visible(tx, &right, &in_groups, groups_slice)?;
            Ok((projects, groups))
        });
        let ((projects, groups), proof) = found.await?.take();
        let now = visit.service().now();
        let text = visit.form().text("search").trim().to_owned();
        let (total, shown) = if of_groups {
            (groups.total, groups.items.len())
        } else {
            (projects.total, projects.items.len())
        };
        let page = SearchPage {
            frame: visit.frame("Search").await?,
            query: form_urlencoded::byte_serialize(text.as_bytes()).collect(),
            text,
            of_groups,
            projects: projects.items.iter().map(|seen| ProjectLine::of(seen, now)).collect(),
            projects_total: projects.total.unwrap_or_default(),
            groups: groups.items.iter().map(GroupLine::of).collect(),
            groups_total: groups.total.unwrap_or_default(),
            pages: Pages::new(visit.form(), "/search", &["search", "scope"], total, shown, PER_PAGE),
        };
        visit.show(proof, &page)
    }
}
