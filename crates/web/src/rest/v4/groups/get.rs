//! `GET /groups/:id`.

use tessera_model::Result;
use tessera_model::operation::groups::GetGroup;
use tessera_service::Key;
use tessera_service::groups::get;

use super::group;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for GetGroup {
    type Input = (Key, bool);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (group(p), p.boolean("with_projects").or(true))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let found = call.read(|tx, (key, with_projects)| {
            let group = tx.group::<Self>(key)?;
            get::get(tx, group, *with_projects)
        });
        Ok(found.await?.ok(|seen| view::group::detailed(&links, &seen)))
    }
}
