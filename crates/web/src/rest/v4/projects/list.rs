//! `GET /projects`, and what lists of projects ask elsewhere.

use tessera_model::Result;
use tessera_model::operation::projects::ListProjects;
use tessera_model::role;
use tessera_model::time::Timestamp;
use tessera_model::visibility::{self, Visibility};
use tessera_service::Listed;
use tessera_service::projects::get::Seen;
use tessera_service::projects::list::{self, ProjectFilter, Wanted};

use crate::call::{Call, Endpoint, domain_error, slice};
use crate::pagination::{Keyset, Paging};
use crate::params::{ParamError, Reader};
use crate::reply::Reply;
use crate::view::project::ProjectView;
use crate::view::{self, Links};

/// What every list of projects can be narrowed and ordered by; the second value asks for the simple shape.
pub(in crate::rest::v4) fn wanted(p: &mut Reader<'_>) -> (Wanted, bool) {
    let archived = p.boolean("archived").optional();
    let visibility = p.string("visibility").among(visibility::NAMES).optional();
    let search = p.string("search").optional();
    let order_by = p.string("order_by").among(&list::orders()).or("created_at".to_owned());
    let sort = p.string("sort").among(&["asc", "desc"]).or("desc".to_owned());
    let simple = p.boolean("simple").or(false);
    let owned = p.boolean("owned").or(false);
    let starred = p.boolean("starred").or(false);
    let with_issues = p.boolean("with_issues_enabled").or(false);
    let with_merge_requests = p.boolean("with_merge_requests_enabled").or(false);
    let min_access_level = p.integer("min_access_level").among(role::LEVELS).optional();
    let topic = p.string("topic").optional().is_some_and(|topic| !topic.is_empty());
    let filter = ProjectFilter {
        archived,
        visibility: visibility.and_then(|name| Visibility::parse(&name)),
        search,
        min_access_level,
        issues_enabled: with_issues.then_some(true),
        // Projects have no stars, merge requests or topics.
        nothing: starred || with_merge_requests || topic,
        ..ProjectFilter::default()
    };
    (Wanted { filter, owned, order_by, descending: sort == "desc" }, simple)
}

/// One project of a list.
pub(in crate::rest::v4) fn shown(links: &Links, seen: &Seen, simple: bool) -> ProjectView {
    if simple {
        view::project::simple(links, &seen.project)
    } else {
        view::project::full(links, &seen.project, seen.membership)
    }
}

pub(crate) struct Input {
    wanted: Wanted,
    simple: bool,
    paging: Paging,
    keyset: Result<Option<Keyset>, ParamError>,
}

/// A page of either kind.
enum Found {
    Page(Listed<Seen>),
    Keyset(Keyset, (Vec<Seen>, bool)),
}

impl Endpoint for ListProjects {
    type Input = Input;

    fn input(p: &mut Reader<'_>) -> Input {
        let (mut wanted, simple) = wanted(p);
        wanted.filter.membership = p.boolean("membership").or(false);
        wanted.filter.search_namespaces = p.boolean("search_namespaces").or(false);
        let mut time = |name: &str| p.datetime(name).optional().map(Timestamp);
        wanted.filter.last_activity = (time("last_activity_after"), time("last_activity_before"));
        let paging = Paging::read(p);
        (wanted.filter.id_after, wanted.filter.id_before) = (paging.id_after, paging.id_before);
        let keyset = paging.keyset(&wanted.order_by, wanted.descending);
        Input { wanted, simple, paging, keyset }
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let found = call.read(|tx, input| {
            let right = tx.instance::<Self>()?;
            let found = match input.keyset.as_ref().map_err(domain_error)? {
                Some(keyset) => {
                    Found::Keyset(*keyset, list::first(tx, &right, &input.wanted, keyset.per_page)?)
                }
                None => Found::Page(list::visible(tx, &right, &input.wanted, slice(input.paging.page))?),
            };
            Ok((input.paging.page, input.simple, found))
        });
        let ((page, simple, found), passed) = found.await?.take();
        Ok(match found {
            Found::Page(listed) => {
                passed.map(|()| listed).page(&call, page, |seen| shown(&links, seen, simple))
            }
            Found::Keyset(keyset, rows) => passed.map(|()| rows).keyset(
                &call,
                keyset,
                |seen| seen.project.id,
                |seen| shown(&links, seen, simple),
            ),
        })
    }
}
