//! `/:path/-/project_members/:user_id`: one member's role and end.

use askama::Template;
use tessera_model::operation::project_pages::{ChangeMember, ShowMember};
use tessera_model::{Error, Result};
use tessera_service::Key;
use tessera_service::members::{roster, update};

use super::{end, project, reason, role, with_article};
use crate::reply::Reply;
use crate::ui::choice::{Choice, roles_up_to};
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::places::{ProjectPage, ProjectPlace, below};
use crate::ui::visit::{Go, Page, Visit};
use crate::ui::who::Who;

#[derive(Template)]
#[template(path = "members/change.html")]
struct MemberPage {
    frame: Frame,
    who: Who,
    list: String,
    href: String,
    tokens: String,
    roles: Vec<Choice>,
    role: &'static str,
    expires_at: String,
    /// Whether the caller may change it.
    change: bool,
    reason: String,
    problems: Complaints,
}

impl Page for ShowMember {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default(), 200).await
    }
}

impl Page for ChangeMember {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let form = visit.form();
        let mut problems = Complaints::default();
        let expires_on = end(form, &mut problems);
        // The short form in the list says nothing of the end.
        let expires_on = form.has("expires_at").then_some(expires_on);
        let Some(role) = role(form) else {
            problems.say("access_level", "Choose a role.");
            return show(&visit, problems, 422).await;
        };
        if !problems.is_empty() {
            return show(&visit, problems, 422).await;
        }
        let done = visit.act(move |tx, form| {
            let project = tx.project::<Self>(&Key::Path(form.place("path").to_owned()))?;
            let shown = update::update(tx, &project, form.number_at("user_id"), role, expires_on)?;
            let list = below(&project.full_path, "/-/project_members");
            let name = &shown.member.user.name;
            Ok(Go::to(list).saying(format!("{name} is {} of {} now.", with_article(role), project.name)))
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(error) => {
                visit.note_refusal(&error);
                match error {
                    Error::Forbidden(None) => {
                        let text = "You can neither give a role above your own nor change who holds one.";
                        show(&visit, Complaints::saying("access_level", text), 403).await
                    }
                    other => show(&visit, Complaints::of(other)?, 422).await,
                }
            }
        }
    }
}

async fn show<Op: Page>(visit: &Visit<Op>, mut problems: Complaints, status: u16) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let (project, place) = project::<Op>(tx, form)?;
        let seat = roster::one(tx, &project, form.number_at("user_id"))?;
        Ok((place, seat, project.role()))
    });
    let ((place, seat, own), proof) = found.await?.take();
    let form = visit.form();
    let reason = reason(&seat);
    if !problems.is_empty() && !reason.is_empty() {
        // There is no form at whose fields anything else could stand.
        problems = Complaints::saying("main", &reason);
    }
    let list = place.at("/-/project_members");
    let member = seat.member;
    let typed = form.has("expires_at").then(|| form.text("expires_at").to_owned());
    let stored = member.expires_on.map(|end| end.to_string()).unwrap_or_default();
    let frame = visit.frame(format!("Membership of {}", member.user.name)).await?;
    let page = MemberPage {
        frame: place
            .frame(frame, ProjectPage::Members, "")
            .crumb("Members", &list)
            .crumb(&member.user.name, ""),
        who: Who::of(&member.user),
        href: format!("{list}/{}", member.user.id),
        tokens: tokens(&place),
        roles: roles_up_to(own, role(form).unwrap_or(member.role)),
        role: member.role.title(),
        expires_at: typed.unwrap_or(stored),
        change: seat.change,
        list,
        reason,
        problems,
    };
    visit.show_as(status, proof, &page)
}

/// The page of access tokens, for those who may go there.
pub(super) fn tokens(place: &ProjectPlace) -> String {
    if place.menu.tokens { place.at("/-/settings/access_tokens") } else { String::new() }
}
