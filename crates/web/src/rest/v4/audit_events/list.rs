//! `GET /audit_events`.

use tessera_model::operation::audit_events::ListAuditEvents;
use tessera_model::{Error, Result};
use tessera_service::audit::list;

use super::{Found, Wanted, reply, wanted};
use crate::call::{Call, Endpoint, domain_error, slice};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view::audit_event::ENTITY_TYPES;

pub(crate) struct Input {
    wanted: Wanted,
    /// An object without its kind means nothing.
    lonely_id: bool,
}

impl Endpoint for ListAuditEvents {
    type Input = Input;

    fn input(p: &mut Reader<'_>) -> Input {
        let mut wanted = wanted(p);
        let names: Vec<&str> = ENTITY_TYPES.iter().map(|(name, _)| *name).collect();
        let kind = p.string("entity_type").among(&names).optional();
        let kind = kind.and_then(|kind| ENTITY_TYPES.iter().find(|(name, _)| *name == kind));
        wanted.filter.entity_kind = kind.map(|(_, kind)| *kind);
        wanted.filter.entity_id = p.integer("entity_id").optional();
        if wanted.filter.entity_kind == Some(tessera_model::audit::entity::INSTANCE) {
            // The one instance has no number in the log.
            wanted.filter.nothing = wanted.filter.entity_id.take().is_some_and(|id| id != 1);
        }
        let lonely_id = wanted.filter.entity_id.is_some() && wanted.filter.entity_kind.is_none();
        Input { wanted, lonely_id }
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, Input { wanted, lonely_id }| {
            let right = tx.instance::<Self>()?;
            if *lonely_id {
                return Err(Error::Parameters("entity_type is missing".to_owned()));
            }
            Ok(if let Some(keyset) = wanted.keyset.as_ref().map_err(domain_error)? {
                let rows = list::first(tx, &right, &wanted.filter, wanted.descending, keyset.per_page)?;
                Found::Keyset(*keyset, rows)
            } else {
                let slice = slice(wanted.page);
                Found::Page(wanted.page, list::page(tx, &right, &wanted.filter, wanted.descending, slice)?)
            })
        });
        Ok(reply(&call, found.await?))
    }
}
