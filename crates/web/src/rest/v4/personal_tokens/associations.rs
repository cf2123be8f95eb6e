//! `GET /personal_access_tokens/self/associations`.

use tessera_model::Result;
use tessera_model::operation::personal_tokens::GetOwnAssociations;
use tessera_model::role::{self, Role};
use tessera_service::tokens::associations;

use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for GetOwnAssociations {
    type Input = (Option<Role>, Page);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let least = p.integer("min_access_level").among(role::LEVELS).optional().and_then(Role::from_level);
        (least, Page::read(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let found = call.read(|tx, (least, page)| {
            let right = tx.instance::<Self>()?;
            associations::own(tx, &right, *least, slice(*page))
        });
        Ok(found.await?.ok(|found| view::token::associations(&links, &found)))
    }
}
