//! `GET /projects/:id/audit_events`.

use tessera_model::Result;
use tessera_model::operation::audit_events::ListProjectAuditEvents;
use tessera_service::Key;
use tessera_service::audit::list;

use super::{Found, Wanted, reply, wanted};
use crate::call::{Call, Endpoint, domain_error, slice};
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for ListProjectAuditEvents {
    type Input = (Key, Wanted);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (Key::parse(&p.string("id").required()), wanted(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (key, wanted)| {
            let project = tx.project::<Self>(key)?;
            let (filter, descending) = (&wanted.filter, wanted.descending);
            Ok(if let Some(keyset) = wanted.keyset.as_ref().map_err(domain_error)? {
                let rows = list::first_of_project(tx, &project, filter, descending, keyset.per_page)?;
                Found::Keyset(*keyset, rows)
            } else {
                let slice = slice(wanted.page);
                let listed = list::page_of_project(tx, &project, filter, descending, slice)?;
                Found::Page(wanted.page, listed)
            })
        });
        Ok(reply(&call, found.await?))
    }
}
