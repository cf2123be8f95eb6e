//! `GET /projects/:id/access_tokens/:token_id`.

use tessera_model::Result;
use tessera_model::operation::project_tokens::GetProjectToken;
use tessera_service::{Key, tokens};

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::rest::v4::project_tokens::project;
use crate::view;

impl Endpoint for GetProjectToken {
    type Input = (Key, i64);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (project(p), p.integer("token_id").required())
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (key, id)| {
            let project = tx.project::<Self>(key)?;
            tokens::get::of_project(tx, &project, *id)
        });
        Ok(found.await?.raw(|shown| Reply::json(200, &view::token::shown(&shown))))
    }
}
