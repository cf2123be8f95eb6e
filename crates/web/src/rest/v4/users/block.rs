//! `POST /users/:id/block` and `POST /users/:id/unblock`.

use serde_json::json;
use tessera_model::Result;
use tessera_model::operation::users::{BlockUser, UnblockUser};
use tessera_service::users::block::{self, Blocked};

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::rest::v4::users::id;

impl Endpoint for BlockUser {
    type Input = i64;

    fn input(p: &mut Reader<'_>) -> i64 {
        id(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let done = call.write(|tx, id| {
            let user = tx.user::<Self>(*id)?;
            block::block(tx, &user)
        });
        Ok(done.await?.raw(|outcome| match outcome {
            Blocked::Now => Reply::json(201, &true),
            Blocked::Before => Reply::json(201, &()),
            // The one refusal here that has no status in its text.
            Blocked::Internal => {
                Reply::json(403, &json!({ "message": "An internal user cannot be blocked" }))
            }
        }))
    }
}

impl Endpoint for UnblockUser {
    type Input = i64;

    fn input(p: &mut Reader<'_>) -> i64 {
        id(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let done = call.write(|tx, id| {
            let user = tx.user::<Self>(*id)?;
            block::unblock(tx, &user)
        });
        Ok(done.await?.created(|unblocked| unblocked))
    }
}
