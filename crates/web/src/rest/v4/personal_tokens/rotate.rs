//! `POST /personal_access_tokens/:id/rotate` and `…/self/rotate`: 200, never 201.

use tessera_model::Result;
use tessera_model::operation::personal_tokens::{RotateOwnToken, RotateToken};
use tessera_model::time::Date;
use tessera_service::tokens;

use super::id;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::rest::v4::project_tokens::expires_at;
use crate::view;

impl Endpoint for RotateOwnToken {
    type Input = Option<Date>;

    fn input(p: &mut Reader<'_>) -> Option<Date> {
        expires_at(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let minted = call.write(|tx, expires_on| {
            let right = tx.instance::<Self>()?;
            tokens::rotate::own(tx, &right, *expires_on)
        });
        Ok(minted.await?.raw(|minted| Reply::json(200, &view::token::minted(&minted))).secret())
    }
}

impl Endpoint for RotateToken {
    type Input = (i64, Option<Date>);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (id(p), expires_at(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let minted = call.write(|tx, (id, expires_on)| {
            let right = tx.instance::<Self>()?;
            tokens::rotate::visible(tx, &right, *id, *expires_on)
        });
        Ok(minted.await?.raw(|minted| Reply::json(200, &view::token::minted(&minted))).secret())
    }
}
