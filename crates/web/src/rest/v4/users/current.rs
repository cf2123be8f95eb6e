//! `GET /user`.

use tessera_model::operation::users::GetCurrentUser;
use tessera_model::{Error, Result};
use tessera_service::two_factor;

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for GetCurrentUser {
    type Input = ();

    fn input(_: &mut Reader<'_>) {}

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let found = call.read(|tx, ()| {
            let user = tx.caller().user.clone().ok_or_else(|| Error::missing("User"))?;
            let two_factor = two_factor::is_on(tx, &user)?;
            Ok((user, two_factor))
        });
        Ok(found
            .await?
            .raw(|(user, two_factor)| Reply::json(200, &view::user::full(&links, &user, two_factor))))
    }
}
