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
    type Input = bool;

    fn input(p: &mut Reader<'_>) -> bool {
        p.boolean("with_operations").or(false)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, with_operations| {
            let right = tx.instance::<Self>()?;
            let shown = tokens::get::own(tx, &right)?;
            let operations = with_operations.then(|| tokens::get::operations(tx, &shown));
            Ok((shown, operations))
        });
        Ok(found.await?.raw(|(shown, operations)| match operations {
            Some(operations) => Reply::json(200, &view::token::able(&shown, &operations)),
            None => Reply::json(200, &view::token::shown(&shown)),
        }))
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
