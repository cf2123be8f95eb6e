//! `/:path/-/delete`.

use askama::Template;
use tessera_model::operation::project_pages::{AskToDeleteProject, RemoveProject};
use tessera_model::{Error, Result};
use tessera_service::projects::{contents, remove};

use super::{count, project};
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::places::{ProjectPage, ProjectPlace};
use crate::ui::visit::{Go, Page, Visit};

#[derive(Template)]
#[template(path = "project/delete.html")]
struct DeletePage {
    frame: Frame,
    place: ProjectPlace,
    /// What is lost, a number and its word each, with what becomes of it.
    losses: Vec<(String, &'static str)>,
    typed: String,
    problems: Complaints,
}

impl Page for AskToDeleteProject {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

impl Page for RemoveProject {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let done = visit.act(|tx, form| {
            let (project, _) = project::<Self>(tx, form)?;
            if form.text("confirm").trim() != project.full_path {
                return Err(Error::invalid("confirm", "is not the path of the project"));
            }
            remove::delete(tx, &project)?;
            Ok(Go::to("/").saying(format!("{} was deleted.", project.full_path)))
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(Error::Invalid(_)) => {
                let text = "This is not the path of the project. Nothing was deleted.";
                show(&visit, Complaints::saying("confirm", text)).await
            }
            Err(other) => Err(other),
        }
    }
}

async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let (project, place) = project::<Op>(tx, form)?;
        Ok((place, contents::count(tx, &project)?))
    });
    let ((place, contents), proof) = found.await?.take();
    let branches = visit.service().branch_names(&place.project).await?.len();
    let branches = i64::try_from(branches).unwrap_or(i64::MAX);
    let losses = vec![
        (count(branches, "branch", "branches"), "with all commits that they lead to."),
        (count(contents.issues, "issue", "issues"), "with everything that was said about them."),
        (
            count(contents.tokens, "active access token", "active access tokens"),
            "Whatever works with them is refused from that moment on.",
        ),
        (count(contents.bots, "bot", "bots"), "What they wrote elsewhere moves to the Ghost User."),
        (count(contents.people, "direct member", "direct members"), "lose their access."),
        (count(contents.hooks, "web hook", "web hooks"), "will be called no more."),
    ];
    let frame = place.frame(visit.frame("Delete project").await?, ProjectPage::General, "");
    let page = DeletePage {
        frame: frame.crumb("General settings", place.at("/edit")).crumb("Delete project", ""),
        place,
        losses,
        typed: visit.form().text("confirm").to_owned(),
        problems,
    };
    if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
}
