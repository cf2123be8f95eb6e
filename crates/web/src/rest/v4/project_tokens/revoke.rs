//! `DELETE /projects/:id/access_tokens/:token_id`.

use tessera_model::Result;
use tessera_model::operation::project_tokens::RevokeProjectToken;
use tessera_service::{Key, tokens};

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::rest::v4::project_tokens::project;

impl Endpoint for RevokeProjectToken {
    type Input = (Key, i64);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (project(p), p.integer("token_id").required())
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let done = call.write(|tx, (key, id)| tokens::revoke::of_project(tx, key, *id));
        Ok(done.await?.no_content())
    }
}
