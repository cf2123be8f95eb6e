//! `POST /groups`.

use tessera_model::Result;
use tessera_model::operation::groups::CreateGroup;
use tessera_model::visibility::{self, Visibility};
use tessera_service::groups::create::{self, Wanted};
use tessera_service::groups::get::Seen;

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for CreateGroup {
    type Input = Wanted;

    fn input(p: &mut Reader<'_>) -> Wanted {
        Wanted {
            name: p.string("name").required(),
            path: p.string("path").required(),
            parent_id: p.integer("parent_id").optional(),
            description: p.string("description").optional(),
            visibility: p
                .string("visibility")
                .among(visibility::NAMES)
                .optional()
                .and_then(|name| Visibility::parse(&name)),
        }
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let made = call.write(|tx, wanted| {
            let right = tx.instance()?;
            let group = create::create(tx, &right, wanted)?;
            Ok(Seen { group, projects: Some(Vec::new()) })
        });
        Ok(made.await?.created(|seen| view::group::detailed(&links, &seen)))
    }
}
