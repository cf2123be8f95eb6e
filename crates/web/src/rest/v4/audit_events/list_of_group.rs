//! `GET /groups/:id/audit_events`.

use tessera_model::Result;
use tessera_model::operation::audit_events::ListGroupAuditEvents;
use tessera_service::Key;

use super::{Wanted, of, reply, wanted};
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for ListGroupAuditEvents {
    type Input = (Key, Wanted);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (Key::parse(&p.string("id").required()), wanted(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (key, wanted)| {
            let group = tx.group::<Self>(key)?;
            of(tx, &group, wanted)
        });
        Ok(reply(&call, found.await?))
    }
}
