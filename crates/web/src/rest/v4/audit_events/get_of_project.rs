//! `GET /projects/:id/audit_events/:audit_event_id`.

use tessera_model::Result;
use tessera_model::operation::audit_events::GetProjectAuditEvent;
use tessera_service::Key;
use tessera_service::audit::list;

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for GetProjectAuditEvent {
    type Input = (Key, i64);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (Key::parse(&p.string("id").required()), p.integer("audit_event_id").required())
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (key, id)| {
            let project = tx.project::<Self>(key)?;
            list::get_of(tx, &project, *id)
        });
        Ok(found.await?.ok(|entry| view::audit_event::of(&entry)))
    }
}
