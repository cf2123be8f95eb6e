//! `/groups/:path/-/group_members/:user_id`: one member's role and end, and removing them or leaving.

use askama::Template;
use tessera_model::operation::group_pages::{
    AskToRemoveGroupMember, ChangeGroupMember, EndGroupMember, ShowGroupMember,
};
use tessera_model::{Error, Result};
use tessera_service::members::{remove, roster, update};

use super::group;
use crate::reply::Reply;
use crate::ui::choice::{Choice, roles_up_to};
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::members::{end, reason, role, with_article};
use crate::ui::places::GroupPage;
use crate::ui::visit::{Go, Page, Visit};
use crate::ui::who::Who;

#[derive(Template)]
#[template(path = "members/change.html")]
struct MemberPage {
    frame: Frame,
    who: Who,
    list: String,
    href: String,
    /// A group has no access tokens of its own.
    tokens: String,
    roles: Vec<Choice>,
    role: &'static str,
    expires_at: String,
    change: bool,
    reason: String,
    problems: Complaints,
}

impl Page for ShowGroupMember {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default(), 200).await
    }
}

impl Page for ChangeGroupMember {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let form = visit.form();
        let mut problems = Complaints::default();
        let expires_on = end(form, &mut problems);
        let expires_on = form.has("expires_at").then_some(expires_on);
        let Some(role) = role(form) else {
            problems.say("access_level", "Choose a role.");
            return show(&visit, problems, 422).await;
        };
        if !problems.is_empty() {
            return show(&visit, problems, 422).await;
        }
        let done = visit.act(move |tx, form| {
            let (group, place) = group::<Self>(tx, form)?;
            let shown = update::update(tx, &group, form.number_at("user_id"), role, expires_on)?;
            let name = &shown.member.user.name;
            let text = format!("{name} is {} of {} now.", with_article(role), group.name);
            Ok(Go::to(place.at("/group_members")).saying(text))
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
        let (group, place) = group::<Op>(tx, form)?;
        let seat = roster::one(tx, &group, form.number_at("user_id"))?;
        Ok((place, seat, group.role()))
    });
    let ((place, seat, own), proof) = found.await?.take();
    let form = visit.form();
    let reason = reason(&seat);
    if !problems.is_empty() && !reason.is_empty() {
        // There is no form at whose fields anything else could stand.
        problems = Complaints::saying("main", &reason);
    }
    let list = place.at("/group_members");
    let member = seat.member;
    let typed = form.has("expires_at").then(|| form.text("expires_at").to_owned());
    let stored = member.expires_on.map(|end| end.to_string()).unwrap_or_default();
    let frame = visit.frame(format!("Membership of {}", member.user.name)).await?;
    let page = MemberPage {
        frame: place
            .frame(frame, GroupPage::Members, "")
            .crumb("Members", &list)
            .crumb(&member.user.name, ""),
        who: Who::of(&member.user),
        href: format!("{list}/{}", member.user.id),
        tokens: String::new(),
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

#[derive(Template)]
#[template(path = "groups/remove_member.html")]
struct RemovePage {
    frame: Frame,
    who: Who,
    group: String,
    role: &'static str,
    list: String,
    href: String,
    own: bool,
    /// Whether the caller may.
    remove: bool,
    reason: String,
    problems: Complaints,
}

impl Page for AskToRemoveGroupMember {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        ask(&visit, Complaints::default(), 200).await
    }
}

impl Page for EndGroupMember {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let done = visit.act(|tx, form| {
            let (group, place) = group::<Self>(tx, form)?;
            let user_id = form.number_at("user_id");
            let seat = roster::one(tx, &group, user_id)?;
            remove::remove(tx, &group, user_id)?;
            if seat.own {
                return Ok(Go::to("/dashboard/groups").saying(format!("You left {}.", group.name)));
            }
            let name = &seat.member.user.name;
            Ok(Go::to(place.at("/group_members"))
                .saying(format!("{name} is no member of {} any more.", group.name)))
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(error @ Error::Forbidden(None)) => {
                visit.note_refusal(&error);
                let text = "Only Owners remove members of a group.";
                ask(&visit, Complaints::saying("main", text), 403).await
            }
            Err(other) => Err(other),
        }
    }
}

async fn ask<Op: Page>(visit: &Visit<Op>, mut problems: Complaints, status: u16) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let (group, place) = group::<Op>(tx, form)?;
        let seat = roster::one(tx, &group, form.number_at("user_id"))?;
        Ok((place, seat))
    });
    let ((place, seat), proof) = found.await?.take();
    let reason = reason(&seat);
    if !problems.is_empty() && !reason.is_empty() {
        problems = Complaints::saying("main", &reason);
    }
    let list = place.at("/group_members");
    let user = &seat.member.user;
    let title = if seat.own { "Leave group".to_owned() } else { format!("Remove {}", user.name) };
    let frame = visit.frame(title.clone()).await?;
    let page = RemovePage {
        frame: place.frame(frame, GroupPage::Members, "").crumb("Members", &list).crumb(title, ""),
        who: Who::of(user),
        group: place.group.name.clone(),
        role: seat.member.role.title(),
        href: format!("{list}/{}/remove", user.id),
        own: seat.own,
        remove: seat.remove,
        list,
        reason,
        problems,
    };
    visit.show_as(status, proof, &page)
}
