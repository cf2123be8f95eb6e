//! `/admin/users`.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::admin_pages::ShowUsers;
use tessera_service::users::review::{self, UserFilter};

use super::{Account, PATH};
use crate::reply::Reply;
use crate::ui::admin::{Choice, choices, counted};
use crate::ui::form::Form;
use crate::ui::frame::Frame;
use crate::ui::paging::{Pages, slice};
use crate::ui::places::{AdminPage, admin_frame};
use crate::ui::visit::{Page, Visit};

const ROWS: i64 = 50;
const FIELDS: &[&str] = &["search", "kind", "state", "rights", "sort"];

const KINDS: &[(&str, &str)] = &[("", "People"), ("bots", "Bots"), ("all", "Everybody")];
const STATES: &[(&str, &str)] = &[("", "All"), ("active", "Active"), ("blocked", "Blocked")];
const RIGHTS: &[(&str, &str)] = &[
    ("", "All"),
    ("admins", "Administrators"),
    ("external", "External"),
    ("two_factor_on", "With a second factor"),
    ("two_factor_off", "Without a second factor"),
];
const ORDERS: &[(&str, &str)] =
    &[("", "Newest first"), ("name", "Name"), ("username", "Username"), ("updated_at", "Changed last")];

#[derive(Template)]
#[template(path = "admin/users.html")]
struct UsersPage {
    frame: Frame,
    search: String,
    kinds: Vec<Choice>,
    states: Vec<Choice>,
    rights: Vec<Choice>,
    orders: Vec<Choice>,
    users: Vec<Account>,
    total: String,
    pages: Pages,
}

/// What the fields ask for; what is none of the choices is the first of them.
fn filter(form: &Form) -> UserFilter {
    let rights = form.text("rights");
    let states = STATES.iter().map(|(state, _)| *state).filter(|state| !state.is_empty());
    UserFilter {
        search: form.filled("search").map(str::to_owned),
        humans: match form.text("kind") {
            "all" => None,
            kind => Some(kind != "bots"),
        },
        exclude_internal: form.text("kind") == "bots",
        states: states.filter(|state| *state == form.text("state")).collect(),
        admins: rights == "admins",
        external: (rights == "external").then_some(true),
        two_factor: match rights {
            "two_factor_on" => Some(true),
            "two_factor_off" => Some(false),
            _ => None,
        },
        ..UserFilter::default()
    }
}

impl Page for ShowUsers {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = visit.read(|tx, form| {
            let right = tx.instance::<Self>()?;
            let order = match form.text("sort") {
                "name" => ("name", false),
                "username" => ("username", false),
                "updated_at" => ("updated_at", true),
                _ => ("id", true),
            };
            review::list(tx, &right, &filter(form), order, slice(form, ROWS))
        });
        let (listed, proof) = found.await?.take();
        let (form, now) = (visit.form(), visit.service().now());
        let users: Vec<Account> = listed.items.iter().map(|user| Account::of(user, now)).collect();
        let mut frame = admin_frame(visit.frame("Users").await?, AdminPage::Users, "Users");
        frame.query.clear();
        let page = UsersPage {
            frame,
            search: form.text("search").trim().to_owned(),
            kinds: choices(KINDS.iter().copied(), form.text("kind")),
            states: choices(STATES.iter().copied(), form.text("state")),
            rights: choices(RIGHTS.iter().copied(), form.text("rights")),
            orders: choices(ORDERS.iter().copied(), form.text("sort")),
            total: listed.total.map(|total| counted(total, "account", "accounts")).unwrap_or_default(),
            pages: Pages::new(form, PATH, FIELDS, listed.total, users.len(), ROWS),
            users,
        };
        visit.show(proof, &page)
    }
}
