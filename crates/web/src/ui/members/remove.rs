//! `/:path/-/project_members/:user_id/remove`: removing a member, or leaving.

use askama::Template;
use tessera_model::operation::project_pages::{AskToRemoveMember, RemoveMember};
use tessera_model::{Error, Result};
use tessera_service::Key;
use tessera_service::members::{remove, roster};

use super::change::tokens;
use super::{project, reason};
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::places::{ProjectPage, below};
use crate::ui::visit::{Go, Page, Visit};
use crate::ui::who::Who;

#[derive(Template)]
#[template(path = "members/remove.html")]
struct RemovePage {
    frame: Frame,
    who: Who,
    project: String,
    role: &'static str,
    list: String,
    href: String,
    tokens: String,
    /// Whether the project lies in a group, from which roles may be inherited.
    in_group: bool,
    own: bool,
    /// Whether the caller may.
    remove: bool,
    reason: String,
    problems: Complaints,
}

impl Page for AskToRemoveMember {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default(), 200).await
    }
}

impl Page for RemoveMember {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let done = visit.act(|tx, form| {
            let project = tx.project::<Self>(&Key::Path(form.place("path").to_owned()))?;
            let user_id = form.number_at("user_id");
            let seat = roster::one(tx, &project, user_id)?;
            remove::remove(tx, &project, user_id)?;
            if seat.own {
                return Ok(Go::to("/").saying(format!("You left {}.", project.name)));
            }
            let list = below(&project.full_path, "/-/project_members");
            Ok(Go::to(list)
                .saying(format!("{} is no member of {} any more.", seat.member.user.name, project.name)))
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(error @ Error::Forbidden(None)) => {
                visit.note_refusal(&error);
                let text =
                    "Only Maintainers and Owners remove members, and nobody those with a role above theirs.";
                show(&visit, Complaints::saying("main", text), 403).await
            }
            Err(other) => Err(other),
        }
    }
}

async fn show<Op: Page>(visit: &Visit<Op>, mut problems: Complaints, status: u16) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let (project, place) = project::<Op>(tx, form)?;
        let seat = roster::one(tx, &project, form.number_at("user_id"))?;
        Ok((place, seat))
    });
    let ((place, seat), proof) = found.await?.take();
    let reason = reason(&seat);
    if !problems.is_empty() && !reason.is_empty() {
        problems = Complaints::saying("main", &reason);
    }
    let list = place.at("/-/project_members");
    let user = &seat.member.user;
    let title = if seat.own { "Leave project".to_owned() } else { format!("Remove {}", user.name) };
    let frame = visit.frame(title.clone()).await?;
    let page = RemovePage {
        frame: place.frame(frame, ProjectPage::Members, "").crumb("Members", &list).crumb(title, ""),
        who: Who::of(user),
        project: place.project.name.clone(),
        role: seat.member.role.title(),
        href: format!("{list}/{}/remove", user.id),
        tokens: tokens(&place),
        in_group: place.project.namespace.is_group,
        own: seat.own,
        remove: seat.remove,
        list,
        reason,
        problems,
    };
    visit.show_as(status, proof, &page)
}
