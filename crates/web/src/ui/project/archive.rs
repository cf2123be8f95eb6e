//! `/:path/-/archive` and `/:path/-/unarchive`.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::project_pages::{AskToArchive, PutIntoArchive, TakeOutOfArchive};
use tessera_service::projects::archive;
use tessera_service::projects::contents;

use super::{count, project};
use crate::reply::Reply;
use crate::ui::frame::Frame;
use crate::ui::places::{ProjectPage, ProjectPlace};
use crate::ui::visit::{Go, Page, Visit};

#[derive(Template)]
#[template(path = "project/archive.html")]
struct ArchivePage {
    frame: Frame,
    place: ProjectPlace,
    tokens: String,
}

impl Page for AskToArchive {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = visit.read(|tx, form| {
            let (project, place) = project::<Self>(tx, form)?;
            Ok((place, contents::count(tx, &project)?))
        });
        let ((place, contents), proof) = found.await?.take();
        let frame = place.frame(visit.frame("Archive project").await?, ProjectPage::General, "");
        let page = ArchivePage {
            frame: frame.crumb("General settings", place.at("/edit")).crumb("Archive project", ""),
            tokens: count(contents.tokens, "active access token", "active access tokens"),
            place,
        };
        visit.show(proof, &page)
    }
}

impl Page for PutIntoArchive {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        set(&visit, true).await
    }
}

impl Page for TakeOutOfArchive {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        set(&visit, false).await
    }
}

async fn set<Op: Page>(visit: &Visit<Op>, archived: bool) -> Result<Reply> {
    let done = visit.act(move |tx, form| {
        let (project, place) = project::<Op>(tx, form)?;
        archive::set(tx, &project, archived)?;
        let text = if archived {
            "The project is archived: it can be read, and nothing in it can be changed."
        } else {
            "The project is out of the archive: it can be written again."
        };
        Ok(Go::to(place.at("/edit")).saying(text))
    });
    done.await
}
