//! `GET /audit_events/:id`.

use tessera_model::Result;
use tessera_model::operation::audit_events::GetAuditEvent;
use tessera_service::audit::list;

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for GetAuditEvent {
    type Input = i64;

    fn input(p: &mut Reader<'_>) -> i64 {
        p.integer("id").required()
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, id| {
            let right = tx.instance::<Self>()?;
            list::get(tx, &right, *id)
        });
        Ok(found.await?.ok(|entry| view::audit_event::of(&entry)))
    }
}
