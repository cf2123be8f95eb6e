//! `DELETE /users/:id`.

use tessera_model::Result;
use tessera_model::operation::users::DeleteUser;
use tessera_service::users::delete;

use crate::call::{Call, Endpoint};
use crate::conditional;
use crate::params::Reader;
use crate::reply::Reply;
use crate::rest::v4::users::id;

impl Endpoint for DeleteUser {
    type Input = (i64, bool);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (id(p), p.boolean("hard_delete").or(false))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let since = call.unmodified_since();
        let done = call.write(move |tx, (id, hard)| {
            let user = tx.user::<Self>(*id)?;
            delete::check(tx, &user, *hard)?;
            conditional::check(user.updated_at, since)?;
            delete::delete(tx, &user, *hard)
        });
        Ok(done.await?.no_content())
    }
}
