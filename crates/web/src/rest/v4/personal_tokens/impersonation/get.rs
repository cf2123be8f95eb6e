//! `GET /users/:user_id/impersonation_tokens/:impersonation_token_id`.

use tessera_model::Result;
use tessera_model::operation::personal_tokens::GetImpersonationToken;
use tessera_service::tokens;

use super::both;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for GetImpersonationToken {
    type Input = (i64, i64);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        both(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (user, id)| {
            let user = tx.user::<Self>(*user)?;
            tokens::get::impersonation(tx, &user, *id)
        });
        Ok(found.await?.raw(|shown| Reply::json(200, &view::token::shown(&shown))))
    }
}
