//! `POST /:path/-/issues/:iid/notes`: saying something, closing, opening again.

use tessera_model::issue::IssueState;
use tessera_model::operation::issue_pages::Comment;
use tessera_model::{Error, Result};
use tessera_service::issues::update::{self, Changes};
use tessera_service::notes::create::{self, Wanted};

use super::{NOTES_PER_PAGE, address, lines, project, show};
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::visit::{Go, Page, Visit};

impl Page for Comment {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let form = visit.form();
        let state = match form.text("state") {
            "close" => Some(IssueState::Closed),
            "reopen" => Some(IssueState::Opened),
            _ => None,
        };
        let body = lines(form, "note");
        let silent = body.trim().is_empty();
        if silent && state.is_none() {
            return show::show(&visit, Complaints::saying("note", "Write something first.")).await;
        }
        let done = visit.act(move |tx, form| {
            let (project, place) = project::<Self>(tx, form)?;
            let iid = form.number_at("iid");
            let mut to = address(&place, iid);
            let mut text = None;
            if let Some(state) = state {
                let changes = Changes { state: Some(state), ..Changes::default() };
                update::update(tx, &project, iid, &changes)?;
                let done = if state == IssueState::Closed { "closed" } else { "opened again" };
                text = Some(format!("Issue #{iid} was {done}."));
            }
            if !silent {
                let wanted = Wanted { body: body.clone(), ..Wanted::default() };
                let note = create::create(tx, &project, iid, &wanted)?;
                let issue = tessera_service::issues::get::get(tx, &project, iid)?;
                let last = (issue.notes + NOTES_PER_PAGE - 1) / NOTES_PER_PAGE;
                let page = if last > 1 { format!("?page={last}") } else { String::new() };
                to = format!("{to}{page}#note_{}", note.id);
            }
            let go = Go::to(to);
            Ok(match text {
                Some(text) => go.saying(text),
                None => go,
            })
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(error) => show::show(&visit, refused(error)?).await,
        }
    }
}

/// What a refusal says at the field.
pub(super) fn refused(error: Error) -> Result<Complaints> {
    match error {
        Error::BadRequest(Some(_)) => {
            let text = "The comment is empty or too long: a million characters at most.";
            Ok(Complaints::saying("note", text))
        }
        other => Complaints::of(other),
    }
}
