//! `PUT /groups/:id`.

use tessera_model::Result;
use tessera_model::operation::groups::UpdateGroup;
use tessera_model::visibility::{self, Visibility};
use tessera_service::Key;
use tessera_service::groups::update::{self, Changes};

use super::group;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for UpdateGroup {
    type Input = (Key, Changes);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let key = group(p);
        let changes = Changes {
            name: p.string("name").update().or_empty(),
            path: p.string("path").update().or_empty(),
            description: p.string("description").update().or_empty(),
            visibility: p
                .string("visibility")
                .among(visibility::NAMES)
                .optional()
                .and_then(|name| Visibility::parse(&name)),
            token_creation_allowed: p.boolean("resource_access_token_creation_allowed").optional(),
        };
        (key, changes)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let changed = call.write(|tx, (key, changes)| {
            let group = tx.group::<Self>(key)?;
            update::update(tx, &group, changes)
        });
        Ok(changed.await?.ok(|group| view::group::group(&links, &group)))
    }
}
