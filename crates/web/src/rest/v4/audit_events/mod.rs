//! `/audit_events`, `/projects/:id/audit_events` and `/groups/:id/audit_events`.

mod get;
mod get_of_group;
mod get_of_project;
mod list;
mod list_of_group;
mod list_of_project;

use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_model::time::Timestamp;
use tessera_service::audit::list::{self as log, Entry, EventFilter, Logged};
use tessera_service::{Authorized, Listed, Tx};

use crate::call::{Call, Endpoint, Passed, domain_error, slice};
use crate::pagination::{Keyset, Page, Paging};
use crate::params::{ParamError, Reader};
use crate::reply::Reply;
use crate::view;

/// What every list of events can be narrowed and paged by.
pub(crate) struct Wanted {
    filter: EventFilter,
    descending: bool,
    page: Page,
    keyset: Result<Option<Keyset>, ParamError>,
}

/// Reads `created_after`, `created_before`, `sort` and the paging.
fn wanted(p: &mut Reader<'_>) -> Wanted {
    let mut time = |name: &str| p.datetime(name).optional().map(Timestamp);
    let (created_after, created_before) = (time("created_after"), time("created_before"));
    let order_by = p.string("order_by").among(&["id"]).or("id".to_owned());
    let descending = p.string("sort").among(&["asc", "desc"]).or("desc".to_owned()) == "desc";
    let paging = Paging::read(p);
    let filter = EventFilter {
        created_after,
        created_before,
        id_after: paging.id_after,
        id_before: paging.id_before,
        ..EventFilter::default()
    };
    Wanted { filter, descending, page: paging.page, keyset: paging.keyset(&order_by, descending) }
}

/// A page of either kind.
enum Found {
    Page(Page, Listed<Entry>),
    Keyset(Keyset, (Vec<Entry>, bool)),
}

/// The records of a project or group.
fn of<'tx, Op: Operation, S: Logged>(
    tx: &mut Tx<'tx>,
    subject: &Authorized<'tx, Op, S>,
    wanted: &Wanted,
) -> Result<Found> {
    let (filter, descending) = (&wanted.filter, wanted.descending);
    Ok(if let Some(keyset) = wanted.keyset.as_ref().map_err(domain_error)? {
        Found::Keyset(*keyset, log::first_of(tx, subject, filter, descending, keyset.per_page)?)
    } else {
        let slice = slice(wanted.page);
        Found::Page(wanted.page, log::page_of(tx, subject, filter, descending, slice)?)
    })
}

fn reply<Op: Endpoint>(call: &Call<Op>, found: Passed<Op, Found>) -> Reply {
    let (found, passed) = found.take();
    match found {
        Found::Page(page, listed) => passed.map(|()| listed).page(call, page, view::audit_event::of),
        Found::Keyset(keyset, rows) => {
            passed.map(|()| rows).keyset(call, keyset, |entry| entry.event.id, view::audit_event::of)
        }
    }
}
