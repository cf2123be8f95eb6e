//! `/:path/-/rename`: another path for a project.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::project_pages::{RenameProject, ShowRename};
use tessera_service::projects::update::{self, Changes};

use super::project;
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::places::{ProjectPage, ProjectPlace, below};
use crate::ui::visit::{Go, Page, Visit};
use crate::view::Links;

#[derive(Template)]
#[template(path = "project/rename.html")]
struct RenamePage {
    frame: Frame,
    place: ProjectPlace,
    path: String,
    /// The address of the repository as it is.
    clone_url: String,
    problems: Complaints,
}

impl Page for ShowRename {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

impl Page for RenameProject {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let path = visit.form().text("path").trim().to_owned();
        let done = visit.act(move |tx, form| {
            let (project, _) = project::<Self>(tx, form)?;
            let changes = Changes { path: Some(path.clone()), ..Changes::default() };
            let changed = update::update(tx, &project, &changes)?;
            let text = format!("The project is at {} now.", changed.full_path);
            Ok(Go::to(below(&changed.full_path, "/edit")).saying(text))
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(error) => show(&visit, Complaints::of(error)?).await,
        }
    }
}

async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, form| Ok(project::<Op>(tx, form)?.1));
    let (place, proof) = found.await?.take();
    let frame = place.frame(visit.frame("Change path").await?, ProjectPage::General, "");
    let links = Links::new(visit.service().external_url());
    let page = RenamePage {
        frame: frame.crumb("General settings", place.at("/edit")).crumb("Change path", ""),
        path: if problems.is_empty() {
            place.project.path.clone()
        } else {
            visit.form().text("path").to_owned()
        },
        clone_url: links.web(&format!("{}.git", place.project.full_path)),
        place,
        problems,
    };
    if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
}
