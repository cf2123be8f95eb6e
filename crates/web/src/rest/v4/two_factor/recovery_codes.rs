//! `POST /user/two_factor/recovery_codes`.

use tessera_model::Result;
use tessera_model::operation::two_factor::RenewRecoveryCodes;
use tessera_service::two_factor::recovery_codes;

use super::{Shown, Tried, shown, tried};
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for RenewRecoveryCodes {
    type Input = Shown;

    fn input(p: &mut Reader<'_>) -> Shown {
        shown(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let Tried { user, proof, guess } = tried(&call).await?;
        let made = call.write(move |tx, _| {
            let user = tx.own_account::<Self>()?;
            recovery_codes::own(tx, &user, &proof, &guess)
        });
        let made = made.await?;
        call.service().guessed(user.id);
        Ok(made.raw(|codes| Reply::json(201, &view::two_factor::recovery_codes(&codes))).secret())
    }
}
