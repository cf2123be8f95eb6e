//! `GET /groups`, and what lists of groups ask elsewhere.

use tessera_model::Result;
use tessera_model::operation::groups::ListGroups;
use tessera_model::role;
use tessera_model::visibility::{self, Visibility};
use tessera_service::groups::list::{self, GroupFilter, Wanted};

use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

/// The longest list of groups to leave out.
const SKIPPED: usize = 1000;

/// What every list of groups can be narrowed and ordered by.
pub(super) fn wanted(p: &mut Reader<'_>) -> Wanted {
    let without = p.integers("skip_groups").comma().or(Vec::new());
    if without.len() > SKIPPED {
        p.refuse("skip_groups", "is too long");
    }
    let all_available = p.boolean("all_available").optional();
    let visibility = p.string("visibility").among(visibility::NAMES).optional();
    let search = p.string("search").optional();
    let owned = p.boolean("owned").or(false);
    let order_by = p.string("order_by").among(&list::orders()).or("name".to_owned());
    let sort = p.string("sort").among(&["asc", "desc"]).or("asc".to_owned());
    let min_access_level = p.integer("min_access_level").among(role::LEVELS).optional();
    let filter = GroupFilter {
        without,
        visibility: visibility.and_then(|name| Visibility::parse(&name)),
        search,
        owned,
        min_access_level,
        ..GroupFilter::default()
    };
    Wanted { filter, all_available, order_by, descending: sort == "desc" }
}

impl Endpoint for ListGroups {
    type Input = (Wanted, Page);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let mut wanted = wanted(p);
        wanted.filter.top_level = p.boolean("top_level_only").or(false);
        (wanted, Page::read(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let found = call.read(|tx, (wanted, page)| {
            let right = tx.instance::<Self>()?;
            Ok((*page, list::visible(tx, &right, wanted, slice(*page))?))
        });
        let ((page, listed), passed) = found.await?.take();
        Ok(passed.map(|()| listed).page(&call, page, |group| view::group::group(&links, group)))
    }
}
