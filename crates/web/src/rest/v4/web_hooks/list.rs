//! `GET /projects/:id/hooks`.

use tessera_model::Result;
use tessera_model::operation::web_hooks::ListWebHooks;
use tessera_service::{Key, web_hooks};

use super::project;
use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for ListWebHooks {
    type Input = (Key, Page);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (project(p), Page::read(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (key, page)| {
            let project = tx.project::<Self>(key)?;
            Ok((*page, web_hooks::list(tx, &project, slice(*page))?))
        });
        let passed = found.await?;
        let page = passed.0;
        Ok(passed.map(|(_, listed)| listed).page(&call, page, view::web_hook::hook))
    }
}
