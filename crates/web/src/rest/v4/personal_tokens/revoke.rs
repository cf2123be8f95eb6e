//! `DELETE /personal_access_tokens/:id` and `DELETE /personal_access_tokens/self`.

use tessera_model::Result;
use tessera_model::operation::personal_tokens::{RevokeOwnToken, RevokeToken};
use tessera_service::tokens;

use super::id;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for RevokeOwnToken {
    type Input = ();

    fn input(_: &mut Reader<'_>) {}

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let done = call.write(|tx, ()| {
            let right = tx.instance::<Self>()?;
            tokens::revoke::own(tx, &right)
        });
        Ok(done.await?.no_content())
    }
}

impl Endpoint for RevokeToken {
    type Input = i64;

    fn input(p: &mut Reader<'_>) -> i64 {
        id(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let done = call.write(|tx, id| {
            let right = tx.instance::<Self>()?;
            tokens::revoke::visible(tx, &right, *id)
        });
        Ok(done.await?.no_content())
    }
}
