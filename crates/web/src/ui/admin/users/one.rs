//! `/admin/users/:username`.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::admin_pages::ShowUserToAdmin;
use tessera_model::role::Role;
use tessera_service::users::get;
use tessera_service::users::review::{self, Belonging};

use super::Account;
use crate::reply::Reply;
use crate::ui::admin::{address, counted};
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::places::{AdminPage, admin_frame, below};
use crate::ui::visit::{Page, Visit};

/// Memberships that are named.
const NAMED: i64 = 50;

#[derive(Template)]
#[template(path = "admin/user.html")]
struct UserPage {
    frame: Frame,
    problems: Complaints,
    user: Account,
    /// Whether this is who looks.
    own: bool,
    made_by: String,
    /// Such as `3 active tokens`, and where they are.
    tokens: String,
    tokens_href: String,
    memberships: Vec<Membership>,
    /// How many memberships there are beside those named; empty for none.
    others: String,
    /// The project of a bot, while it is a member of it.
    project: String,
    least: i64,
}

/// What somebody is a member of.
pub(super) struct Membership {
    href: String,
    path: String,
    kind: &'static str,
    role: &'static str,
}

impl Membership {
    fn of(found: &Belonging) -> Self {
        Self {
            href: below(&found.full_path, ""),
            path: found.full_path.clone(),
            kind: if found.is_project { "Project" } else { "Group" },
            role: Role::from_level(found.level).map_or("", Role::title),
        }
    }
}

impl Page for ShowUserToAdmin {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

pub(super) async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let user = get::named::<Op>(tx, form.place("username"))?;
        let review = review::get(tx, &user, NAMED)?;
        let least = tx.setting("minimum_password_length")?.as_i64().unwrap_or(8);
        Ok((user.into_inner(), review, least))
    });
    let ((user, review, least), proof) = found.await?.take();
    let frame = admin_frame(visit.frame(user.name.clone()).await?, AdminPage::Users, "");
    let shown: Vec<Membership> = review.memberships.items.iter().map(Membership::of).collect();
    let all = review.memberships.total.unwrap_or(i64::MAX);
    let others = all.saturating_sub(i64::try_from(shown.len()).unwrap_or(0));
    let page = UserPage {
        frame: frame.crumb("Users", super::PATH).crumb(&user.name, ""),
        own: visit.user().is_some_and(|own| own.id == user.id),
        made_by: review.created_by.map(|maker| maker.username).unwrap_or_default(),
        tokens: counted(review.active_tokens, "active token", "active tokens"),
        tokens_href: address("/admin/tokens", [("owner", &*user.username)]),
        project: shown
            .iter()
            .find(|place| user.is_bot() && place.kind == "Project")
            .map(|place| place.path.clone())
            .unwrap_or_default(),
        others: if others > 0 { counted(others, "other", "others") } else { String::new() },
        memberships: shown,
        user: Account::of(&user, visit.service().now()),
        least,
        problems,
    };
    if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
}
