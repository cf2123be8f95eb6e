//! `GET /user/two_factor`.

use tessera_model::Result;
use tessera_model::operation::two_factor::GetTwoFactor;
use tessera_service::two_factor::status;

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for GetTwoFactor {
    type Input = ();

    fn input(_: &mut Reader<'_>) {}

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, ()| {
            let user = tx.own_account::<Self>()?;
            status::get(tx, &user)
        });
        Ok(found.await?.ok(|status| view::two_factor::status(&status)))
    }
}
