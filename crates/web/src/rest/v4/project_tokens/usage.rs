//! `GET /projects/:id/access_tokens/:token_id/usage`.

use tessera_model::Result;
use tessera_model::operation::project_tokens::ListProjectTokenUsage;
use tessera_service::Key;
use tessera_service::tokens::uses;

use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::rest::v4::project_tokens::project;
use crate::view;

impl Endpoint for ListProjectTokenUsage {
    type Input = (Key, i64, Page);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (project(p), p.integer("token_id").required(), Page::read(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (key, id, page)| {
            let project = tx.project::<Self>(key)?;
            Ok((*page, uses::of_project(tx, &project, *id, slice(*page))?))
        });
        let passed = found.await?;
        let page = passed.0;
        Ok(passed.map(|(_, listed)| listed).page(&call, page, view::token::used))
    }
}
