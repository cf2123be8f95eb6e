//! `GET /personal_access_tokens/:id` and `GET /personal_access_tokens/self`.

use tessera_model::Result;
use tessera_model::operation::personal_tokens::{GetOwnToken, GetToken};
use tessera_service::tokens;

use super::id;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for GetOwnToken {
    type Input = ();

    fn input(_: &mut Reader<'_>) {}

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, ()| {
            let right = tx.instance::<Self>()?;
            tokens::get::own(tx, &right)
        });
        Ok(found.await?.raw(|shown| Reply::json(200, &view::token::shown(&shown))))
    }
}

impl Endpoint for GetToken {
    type Input = i64;

    fn input(p: &mut Reader<'_>) -> i64 {
        id(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, id| {
            let right = tx.instance::<Self>()?;
            tokens::get::visible(tx, &right, *id)
        });
        Ok(found.await?.raw(|shown| Reply::json(200, &view::token::shown(&shown))))
    }
}
