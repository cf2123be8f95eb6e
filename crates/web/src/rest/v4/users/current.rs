//! `GET /user`.

use tessera_model::operation::users::GetCurrentUser;
use tessera_model::{Error, Result};

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for GetCurrentUser {
    type Input = ();

    fn input(_: &mut Reader<'_>) {}

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let found = call.read(|tx, ()| tx.caller().user.clone().ok_or_else(|| Error::missing("User")));
        Ok(found.await?.raw(|user| Reply::json(200, &view::user::full(&links, &user))))
    }
}
