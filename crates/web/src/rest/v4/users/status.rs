//! `GET /user/status` and `GET /users/:id/status`.

use tessera_model::Result;
use tessera_model::operation::users::{GetCurrentUserStatus, GetUserStatus};
use tessera_service::users::get;

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for GetCurrentUserStatus {
    type Input = ();

    fn input(_: &mut Reader<'_>) {}

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let passed = call.read(|tx, ()| get::current(tx).map(drop)).await?;
        Ok(passed.ok(|()| view::user::status()))
    }
}

impl Endpoint for GetUserStatus {
    type Input = String;

    fn input(p: &mut Reader<'_>) -> String {
        p.string("id").required()
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let passed = call.read(|tx, name| get::named::<Self>(tx, name).map(drop)).await?;
        Ok(passed.ok(|()| view::user::status()))
    }
}
