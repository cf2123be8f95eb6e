//! `POST /user/two_factor/confirm`.

use tessera_model::Result;
use tessera_model::operation::two_factor::ConfirmTwoFactor;
use tessera_service::two_factor::confirm;

use super::code;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for ConfirmTwoFactor {
    type Input = String;

    fn input(p: &mut Reader<'_>) -> String {
        code(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let judged = call.read(|tx, code| Ok((tx.own_account::<Self>()?.id, code.clone())));
        let ((id, code), _) = judged.await?.take();
        let guess = call.service().guess(id, &code)?;
        let done = call.write(move |tx, _| {
            let user = tx.own_account::<Self>()?;
            confirm::confirm(tx, &user, &guess)
        });
        let done = done.await?;
        call.service().guessed(id);
        Ok(done.raw(|codes| Reply::json(201, &view::two_factor::recovery_codes(&codes))).secret())
    }
}
