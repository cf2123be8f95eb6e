//! `GET /users/:id`.

use tessera_model::Result;
use tessera_model::operation::users::GetUser;
use tessera_service::users::get;

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::rest::v4::users::id;
use crate::view;

impl Endpoint for GetUser {
    type Input = i64;

    fn input(p: &mut Reader<'_>) -> i64 {
        id(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let found = call.read(|tx, id| {
            get::must_be_somebody(tx)?;
            let user = tx.user::<Self>(*id)?;
            get::get(tx, user)
        });
        Ok(found.await?.raw(|seen| Reply::json(200, &view::user::alone(&links, &seen))))
    }
}
