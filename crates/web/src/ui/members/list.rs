//! `/:path/-/project_members`: who can reach a project, and adding somebody.

use askama::Template;
use tessera_model::operation::project_pages::{AddMember, ShowMembers};
use tessera_model::role::Role;
use tessera_model::{Error, Result};
use tessera_service::members::add::{self, Name, Terms};
use tessera_service::members::roster::{self, Seat};
use tessera_service::{Key, Listed};

use super::{end, project, reason, role, with_article};
use crate::reply::Reply;
use crate::ui::choice::{Choice, roles_up_to};
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::paging::{PER_PAGE, Pages, slice};
use crate::ui::places::{ProjectPage, ProjectPlace, below};
use crate::ui::visit::{Go, Page, Visit};
use crate::ui::when::When;
use crate::ui::who::Who;

#[derive(Template)]
#[template(path = "members/list.html")]
struct MembersPage {
    frame: Frame,
    place: ProjectPlace,
    rows: Vec<Row>,
    pages: Pages,
    total: Option<i64>,
    search: String,
    /// Whether there are so many that one may have to search.
    many: bool,
    /// The roles that the caller may give; empty for who adds nobody.
    roles: Vec<Choice>,
    username: String,
    expires_at: String,
    problems: Complaints,
}

/// One member.
struct Row {
    who: Who,
    /// Where its page is.
    href: String,
    /// The group that the role comes from, with its address.
    from: Option<(String, String)>,
    role: &'static str,
    /// The roles that it may be given; empty where it may not be changed.
    roles: Vec<Choice>,
    since: When,
    until: Option<When>,
    own: bool,
    remove: bool,
    reason: String,
}

impl MembersPage {
    /// How many members there are, where they were counted.
    fn count(&self) -> Option<String> {
        self.total.map(|total| total.to_string())
    }
}

impl Page for ShowMembers {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

impl Page for AddMember {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let form = visit.form();
        let mut problems = Complaints::default();
        let expires_on = end(form, &mut problems);
        let username = form.text("username").trim().trim_start_matches('@').to_owned();
        if username.is_empty() {
            problems.say("username", "Say who it is: their username.");
        }
        let Some(role) = role(form) else {
            problems.say("access_level", "Choose a role.");
            return show(&visit, problems).await;
        };
        if !problems.is_empty() {
            return show(&visit, problems).await;
        }
        let terms = Terms { role, expires_on };
        let done = visit.act(move |tx, form| {
            let project = tx.project::<Self>(&Key::Path(form.place("path").to_owned()))?;
            let shown = add::one(tx, &project, &Name::Username(username.clone()), terms)?;
            let list = below(&project.full_path, "/-/project_members");
            Ok(Go::to(list).saying(format!(
                "{} is {} of {} now.",
                shown.member.user.name,
                with_article(role),
                project.name
            )))
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(error) => {
                visit.note_refusal(&error);
                show(&visit, refused(error)?).await
            }
        }
    }
}

/// What a refusal says at the fields. Whoever may not add anybody is told so where the page is read again.
fn refused(error: Error) -> Result<Complaints> {
    let (field, text) = match error {
        Error::NotFound(_) => ("username", "There is no account of this name. Check how it is written."),
        Error::Conflict(_) => ("username", "They are a member already: change the role in the list below."),
        Error::Forbidden(None) => ("access_level", "You can give no role above your own."),
        Error::Invalid(fields) if fields.iter().any(|(field, _)| *field == "user_id") => (
            "username",
            "This is the bot of an access token. Bots belong to the project of their token and cannot be added to others.",
        ),
        other => return Complaints::of(other),
    };
    Ok(Complaints::saying(field, text))
}

async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let (project, place) = project::<Op>(tx, form)?;
        let found = roster::list(tx, &project, form.filled("search"), slice(form, PER_PAGE))?;
        let gives = project.role().filter(|_| place.menu.manage_members);
        Ok((place, found, gives))
    });
    let ((place, found, gives), proof) = found.await?.take();
    let form = visit.form();
    let path = place.at("/-/project_members");
    let now = visit.service().now();
    let Listed { items, total } = found;
    let pages = Pages::new(form, &path, &["search"], total, items.len(), PER_PAGE);
    let search = form.text("search").to_owned();
    let frame = place.frame(visit.frame("Members").await?, ProjectPage::Members, "Members");
    let status = if problems.is_empty() { 200 } else { 422 };
    let page = MembersPage {
        rows: items.iter().map(|seat| row(seat, &path, gives, now)).collect(),
        many: total.is_none_or(|total| total > PER_PAGE) || !search.is_empty(),
        roles: gives
            .map(|own| roles_up_to(Some(own), role(form).unwrap_or(Role::Developer.min(own))))
            .unwrap_or_default(),
        username: form.text("username").to_owned(),
        expires_at: form.text("expires_at").to_owned(),
        frame,
        place,
        pages,
        total,
        search,
        problems,
    };
    visit.show_as(status, proof, &page)
}

/// The last part of a name in full.
fn short(full_name: &str) -> String {
    full_name.rsplit(" / ").next().unwrap_or(full_name).to_owned()
}

fn row(seat: &Seat, path: &str, gives: Option<Role>, now: tessera_model::time::Timestamp) -> Row {
    let member = &seat.member;
    let from = seat.from.as_ref();
    Row {
        who: Who::of(&member.user),
        href: format!("{path}/{}", member.user.id),
        from: from.map(|above| {
            (format!("/groups{}", below(&above.full_path, "/-/group_members")), short(&above.full_name))
        }),
        role: member.role.title(),
        roles: if seat.change { roles_up_to(gives, member.role) } else { Vec::new() },
        since: When::at(member.created_at, now),
        until: member.expires_on.map(|end| When::end(end, now)),
        own: seat.own,
        remove: seat.remove,
        reason: reason(seat),
    }
}
