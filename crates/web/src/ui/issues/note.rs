//! `/:path/-/issues/:iid/notes/:note_id`: changing and deleting what was said.

use askama::Template;
use tessera_model::Result;
use tessera_model::issue::Note;
use tessera_model::operation::issue_pages::{AskToDeleteNote, ChangeNote, RemoveNote, ShowNoteForm};
use tessera_service::notes::{get, remove, update};

use super::comment::refused;
use super::{address, lines, project};
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::form::Form;
use crate::ui::frame::Frame;
use crate::ui::places::{ProjectPage, ProjectPlace};
use crate::ui::visit::{Go, Page, Proof, Visit};
use crate::ui::when::When;
use crate::ui::who::Who;

#[derive(Template)]
#[template(path = "issues/note.html")]
struct NotePage {
    frame: Frame,
    own: String,
    back: String,
    author: Who,
    written: When,
    text: String,
    /// Whether it is asked if it is to go.
    delete: bool,
    problems: Complaints,
}

/// Which note the address means.
fn which(form: &Form) -> (i64, i64) {
    (form.number_at("iid"), form.number_at("note_id"))
}

impl Page for ShowNoteForm {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default(), false).await
    }
}

impl Page for ChangeNote {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let body = lines(visit.form(), "note");
        let done = visit.act(move |tx, form| {
            let (project, place) = project::<Self>(tx, form)?;
            let note = update::update(tx, &project, which(form), Some(&body))?;
            Ok(Go::to(back(&place, &note)).saying("Your change of the comment was saved."))
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(error) => show(&visit, refused(error)?, false).await,
        }
    }
}

impl Page for AskToDeleteNote {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default(), true).await
    }
}

impl Page for RemoveNote {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let done = visit.act(|tx, form| {
            let (project, place) = project::<Self>(tx, form)?;
            remove::remove(tx, &project, which(form))?;
            Ok(Go::to(address(&place, form.number_at("iid"))).saying("The comment was deleted."))
        });
        done.await
    }
}

/// Where the note stands.
fn back(place: &ProjectPlace, note: &Note) -> String {
    format!("{}#note_{}", address(place, note.issue_iid), note.id)
}

async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints, delete: bool) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let (project, place) = project::<Op>(tx, form)?;
        let note = get::changeable(tx, &project, which(form))?;
        Ok((place, note))
    });
    let ((place, note), proof): (_, Proof<Op>) = found.await?.take();
    let title = if delete { "Delete comment" } else { "Edit comment" };
    let frame = place.frame(visit.frame(title).await?, ProjectPage::Issues, "");
    let issue = address(&place, note.issue_iid);
    let frame = frame.crumb("Issues", place.at("/-/issues")).crumb(format!("#{}", note.issue_iid), &issue);
    let typed = (!problems.is_empty()).then(|| visit.form().text("note").to_owned());
    let page = NotePage {
        frame: frame.crumb(title, ""),
        own: format!("{issue}/notes/{}", note.id),
        back: back(&place, &note),
        author: Who::of(&note.author),
        written: When::at(note.created_at, visit.service().now()),
        text: typed.unwrap_or(note.body),
        delete,
        problems,
    };
    if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
}
