//! `/`: the projects of whoever is signed in.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::home_pages::ShowDashboard;
use tessera_model::operation::projects::ListProjects;
use tessera_service::projects::list::{self, ProjectFilter, Wanted};

use super::ProjectLine;
use crate::reply::Reply;
use crate::ui::frame::Frame;
use crate::ui::paging::{PER_PAGE, Pages, slice};
use crate::ui::visit::{Page, Visit};

#[derive(Template)]
#[template(path = "home/dashboard.html")]
struct DashboardPage {
    frame: Frame,
    projects: Vec<ProjectLine>,
    pages: Pages,
}

impl Page for ShowDashboard {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = visit.read(|tx, form| {
            let right = tx.instance::<ListProjects>()?;
            let filter = ProjectFilter { membership: true, ..ProjectFilter::default() };
            let wanted =
                Wanted { filter, order_by: "last_activity_at".to_owned(), descending: true, owned: false };
            list::visible(tx, &right, &wanted, slice(form, PER_PAGE))
        });
        let (found, proof) = found.await?.take();
        let now = visit.service().now();
        let projects: Vec<_> = found.items.iter().map(|seen| ProjectLine::of(seen, now)).collect();
        let pages = Pages::new(visit.form(), "/", &[], found.total, projects.len(), PER_PAGE);
        let frame = visit.frame("Your projects").await?;
        visit.show(proof, &DashboardPage { frame, projects, pages })
    }
}
