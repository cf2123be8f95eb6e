//! `DELETE /users/:user_id/impersonation_tokens/:impersonation_token_id`.

use tessera_model::Result;
use tessera_model::operation::personal_tokens::RevokeImpersonationToken;
use tessera_service::tokens;

use super::both;
use crate::call::{Call, Endpoint};
use crate::conditional;
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for RevokeImpersonationToken {
    type Input = (i64, i64);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        both(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let since = call.unmodified_since();
        let done = call.write(move |tx, (user, id)| {
            let user = tx.user(*user)?;
            let shown = tokens::get::impersonation(tx, &user, *id)?;
            conditional::check(shown.token.created_at, since)?;
            tokens::revoke::impersonation(tx, &user, *id)
        });
        Ok(done.await?.no_content())
    }
}
