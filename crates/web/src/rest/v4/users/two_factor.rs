//! `PATCH /users/:id/disable_two_factor`.

use tessera_model::Result;
use tessera_model::operation::users::DisableUserTwoFactor;
use tessera_service::two_factor::disable;

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::rest::v4::users::id;

impl Endpoint for DisableUserTwoFactor {
    type Input = i64;

    fn input(p: &mut Reader<'_>) -> i64 {
        id(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let done = call.write(|tx, id| {
            let user = tx.user::<Self>(*id)?;
            disable::of_user(tx, &user)
        });
        Ok(done.await?.no_content())
    }
}
