//! `GET /personal_access_tokens/:id/usage` and `GET /personal_access_tokens/self/usage`.

use tessera_model::Result;
use tessera_model::operation::personal_tokens::{ListOwnTokenUsage, ListTokenUsage};
use tessera_service::tokens::uses;

use super::id;
use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for ListOwnTokenUsage {
    type Input = Page;

    fn input(p: &mut Reader<'_>) -> Page {
        Page::read(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, page| {
            let right = tx.instance::<Self>()?;
            Ok((*page, uses::own(tx, &right, slice(*page))?))
        });
        let passed = found.await?;
        let page = passed.0;
        Ok(passed.map(|(_, listed)| listed).page(&call, page, view::token::used))
    }
}

impl Endpoint for ListTokenUsage {
    type Input = (i64, Page);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (id(p), Page::read(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (id, page)| {
            let right = tx.instance::<Self>()?;
            Ok((*page, uses::visible(tx, &right, *id, slice(*page))?))
        });
        let passed = found.await?;
        let page = passed.0;
        Ok(passed.map(|(_, listed)| listed).page(&call, page, view::token::used))
    }
}
