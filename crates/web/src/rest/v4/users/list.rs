//! `GET /users`.

use tessera_model::Result;
use tessera_model::operation::users::ListUsers;
use tessera_model::time::Timestamp;
use tessera_service::users::list::{self, UserFilter, Wanted};

use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

const ORDERS: &[&str] = &["id", "name", "username", "created_at", "updated_at"];

/// A switch of which only "true" means something.
fn on(p: &mut Reader<'_>, name: &str) -> bool {
    p.boolean(name).or(false)
}

fn wanted(p: &mut Reader<'_>) -> Wanted {
    let mut filter = UserFilter { username: p.string("username").optional(), ..UserFilter::default() };
    let from_elsewhere = p.string("extern_uid").optional().is_some();
    _ = p.string("provider").optional();
    filter.search = p.string("search").optional();
    for (name, state) in [("active", "active"), ("blocked", "blocked")] {
        if on(p, name) {
            filter.states.push(state);
        }
    }
    filter.exclude_active = on(p, "exclude_active");
    filter.humans = on(p, "humans").then_some(true);
    let exclude_humans = on(p, "exclude_humans");
    filter.external = on(p, "external").then_some(true);
    let exclude_external = on(p, "exclude_external");
    filter.exclude_internal = on(p, "exclude_internal");
    filter.created_after = p.datetime("created_after").optional().map(Timestamp);
    filter.created_before = p.datetime("created_before").optional().map(Timestamp);
    filter.without_projects = on(p, "without_projects");
    filter.without_project_bots = on(p, "without_project_bots");
    filter.admins = on(p, "admins");
    filter.two_factor = match p.string("two_factor").optional().as_deref() {
        Some("enabled") => Some(true),
        Some("disabled") => Some(false),
        _ => None,
    };
    p.all_or_none_of(&["extern_uid", "provider"]);
    let order_by = p.string("order_by").among(ORDERS).or("id".to_owned());
    let ascending = p.string("sort").among(&["asc", "desc"]).optional().is_some_and(|sort| sort == "asc");
    Wanted { filter, order_by, ascending, from_elsewhere, exclude_external, exclude_humans }
}

impl Endpoint for ListUsers {
    type Input = (Wanted, Page);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (wanted(p), Page::read(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let found = call.read(|tx, (wanted, page)| {
            let right = tx.instance::<Self>()?;
            Ok((*page, list::list(tx, &right, wanted, slice(*page))?))
        });
        let passed = found.await?;
        let page = passed.0;
        Ok(passed
            .map(|(_, listed)| listed)
            .page(&call, page, |seen| serde_json::json!(view::user::listed(&links, seen))))
    }
}
