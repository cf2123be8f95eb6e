//! `POST /admin/tokens/extend`: 200, never 201.

use tessera_model::Result;
use tessera_model::operation::inventory::ExtendTokens;
use tessera_model::time::Date;
use tessera_service::tokens::bulk;
use tessera_service::tokens::inventory::Wanted;

use super::{MOST, done, planned, wanted_strictly};
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for ExtendTokens {
    type Input = (Wanted, Option<Date>, bool);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let (wanted, dry_run) = wanted_strictly(p, &["expires_at"]);
        let end = p.date("expires_at").given().map(Date::from);
        if end.is_none() && p.present("expires_at") {
            p.refuse("expires_at", "is empty");
        }
        (wanted, end, dry_run)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (wanted, end, dry_run)| {
            let right = tx.instance::<Self>()?;
            // Without an end the parameters were refused.
            let end = end.unwrap_or_else(|| tx.today());
            Ok((bulk::plan_extend(tx, &right, wanted, end)?, *dry_run))
        });
        let ((plan, dry_run), passed) = found.await?.take();
        if dry_run {
            return Ok(passed.ok(|()| planned(&plan)));
        }
        let outcome = call.service().extend_tokens(call.ask(), plan, MOST).await?;
        Ok(passed.ok(|()| done(&outcome)))
    }
}
