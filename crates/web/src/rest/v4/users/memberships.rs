//! `GET /users/:id/memberships`.

use tessera_model::Result;
use tessera_model::operation::users::ListUserMemberships;
use tessera_service::users::belongings;

use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::rest::v4::users::id;
use crate::view;

impl Endpoint for ListUserMemberships {
    type Input = (i64, Option<bool>, Page);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let id = id(p);
        let kind = p.string("type").among(&["Project", "Namespace"]).optional();
        (id, kind.map(|kind| kind == "Project"), Page::read(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (id, projects, page)| {
            let user = tx.user::<Self>(*id)?;
            Ok((*page, belongings::memberships(tx, &user, *projects, slice(*page))?))
        });
        let passed = found.await?;
        let page = passed.0;
        Ok(passed.map(|(_, listed)| listed).page(&call, page, view::user::membership))
    }
}
