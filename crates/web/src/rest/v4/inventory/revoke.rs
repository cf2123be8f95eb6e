//! `POST /admin/tokens/revoke`: 200, never 201.

use tessera_model::Result;
use tessera_model::operation::inventory::RevokeTokens;
use tessera_service::tokens::bulk;
use tessera_service::tokens::inventory::Wanted;

use super::{MOST, done, planned, wanted_strictly};
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for RevokeTokens {
    type Input = (Wanted, bool);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        wanted_strictly(p, &[])
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (wanted, dry_run)| {
            let right = tx.instance::<Self>()?;
            Ok((bulk::plan_revoke(tx, &right, wanted)?, *dry_run))
        });
        let ((plan, dry_run), passed) = found.await?.take();
        if dry_run {
            return Ok(passed.ok(|()| planned(&plan)));
        }
        let outcome = call.service().revoke_tokens(call.ask(), plan, MOST).await?;
        Ok(passed.ok(|()| done(&outcome)))
    }
}
