//! `/:path/-/issues/:iid/delete`.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::issue_pages::{AskToDeleteIssue, RemoveIssue};
use tessera_service::issues::{get, remove};

use super::{address, project};
use crate::reply::Reply;
use crate::ui::frame::Frame;
use crate::ui::places::ProjectPage;
use crate::ui::visit::{Go, Page, Visit};

#[derive(Template)]
#[template(path = "issues/remove.html")]
struct RemovePage {
    frame: Frame,
    own: String,
    iid: i64,
    title: String,
    notes: i64,
}

impl Page for AskToDeleteIssue {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = visit.read(|tx, form| {
            let (project, place) = project::<Self>(tx, form)?;
            Ok((place, get::get(tx, &project, form.number_at("iid"))?))
        });
        let ((place, issue), proof) = found.await?.take();
        let own = address(&place, issue.iid);
        let frame = place.frame(visit.frame("Delete issue").await?, ProjectPage::Issues, "");
        let frame = frame.crumb("Issues", place.at("/-/issues")).crumb(format!("#{}", issue.iid), &own);
        let page = RemovePage {
            frame: frame.crumb("Delete", ""),
            own,
            iid: issue.iid,
            title: issue.title,
            notes: issue.notes,
        };
        visit.show(proof, &page)
    }
}

impl Page for RemoveIssue {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let done = visit.act(|tx, form| {
            let (project, place) = project::<Self>(tx, form)?;
            let iid = form.number_at("iid");
            remove::remove(tx, &project, iid)?;
            Ok(Go::to(place.at("/-/issues")).saying(format!("Issue #{iid} was deleted.")))
        });
        done.await
    }
}
