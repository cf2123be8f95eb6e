//! `/explore` and `/explore/groups`: everything that the caller sees, whoever it belongs to.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::home_pages::{ShowExplore, ShowExploreGroups};
use tessera_service::groups::list as groups;
use tessera_service::projects::list as projects;

use super::ProjectLine;
use crate::reply::Reply;
use crate::ui::frame::Frame;
use crate::ui::groups::GroupLine;
use crate::ui::paging::{PER_PAGE, Pages, slice};
use crate::ui::visit::{Page, Visit};

#[derive(Template)]
#[template(path = "home/explore.html")]
struct ExplorePage {
    frame: Frame,
    /// Whether these are the groups.
    of_groups: bool,
    projects: Vec<ProjectLine>,
    groups: Vec<GroupLine>,
    pages: Pages,
}

impl ExplorePage {
    fn is_empty(&self) -> bool {
        self.projects.is_empty() && self.groups.is_empty()
    }
}

impl Page for ShowExplore {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = visit.read(|tx, form| {
            let right = tx.instance::<Self>()?;
            let wanted = projects::Wanted {
                order_by: "last_activity_at".to_owned(),
                descending: true,
                ..projects::Wanted::default()
            };
            projects::visible(tx, &right, &wanted, slice(form, PER_PAGE))
        });
        let (found, proof) = found.await?.take();
        let now = visit.service().now();
        let projects: Vec<_> = found.items.iter().map(|seen| ProjectLine::of(seen, now)).collect();
        let pages = Pages::new(visit.form(), "/explore", &[], found.total, projects.len(), PER_PAGE);
        let frame = visit.frame("Explore projects").await?;
        visit.show(proof, &ExplorePage { frame, of_groups: false, projects, groups: Vec::new(), pages })
    }
}

impl Page for ShowExploreGroups {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = visit.read(|tx, form| {
            let right = tx.instance::<Self>()?;
            let wanted = groups::Wanted {
                all_available: Some(true),
                order_by: "name".to_owned(),
                ..groups::Wanted::default()
            };
            groups::visible(tx, &right, &wanted, slice(form, PER_PAGE))
        });
        let (found, proof) = found.await?.take();
        let groups: Vec<_> = found.items.iter().map(GroupLine::of).collect();
        let pages = Pages::new(visit.form(), "/explore/groups", &[], found.total, groups.len(), PER_PAGE);
        let frame = visit.frame("Explore groups").await?;
        visit.show(proof, &ExplorePage { frame, of_groups: true, projects: Vec::new(), groups, pages })
    }
}
