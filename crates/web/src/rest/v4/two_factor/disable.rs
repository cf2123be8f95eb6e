//! `DELETE /user/two_factor`.

use tessera_model::Result;
use tessera_model::operation::two_factor::DisableTwoFactor;
use tessera_service::two_factor::disable;

use super::{Shown, Tried, shown, tried};
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for DisableTwoFactor {
    type Input = Shown;

    fn input(p: &mut Reader<'_>) -> Shown {
        shown(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let Tried { user, proof, guess } = tried(&call).await?;
        let done = call.write(move |tx, _| {
            let user = tx.own_account::<Self>()?;
            disable::own(tx, &user, &proof, &guess)
        });
        let done = done.await?;
        call.service().guessed(user.id);
        Ok(done.no_content())
    }
}
