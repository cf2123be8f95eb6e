//! `GET /projects/:id/protected_branches` and `GET /projects/:id/protected_branches/:name`.

use tessera_model::Result;
use tessera_model::operation::protection::{GetProtectedBranch, ListProtectedBranches};
use tessera_model::protection::RefKind;
use tessera_service::{Key, protection};

use super::{project, rule};
use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for ListProtectedBranches {
    type Input = (Key, Option<String>, Page);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (project(p), p.string("search").optional(), Page::read(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (key, search, page)| {
            let project = tx.project::<Self>(key)?;
            let listed = protection::list(tx, &project, RefKind::Branch, search.as_deref(), slice(*page))?;
            Ok((*page, listed))
        });
        let passed = found.await?;
        let page = passed.0;
        let listed = passed.map(|(_, listed)| listed);
        Ok(listed.page(&call, page, |rule| serde_json::json!(view::protection::branch(rule))))
    }
}

impl Endpoint for GetProtectedBranch {
    type Input = (Key, String);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        rule(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (key, name)| {
            let project = tx.project::<Self>(key)?;
            protection::get(tx, &project, RefKind::Branch, name)
        });
        Ok(found.await?.raw(|rule| Reply::json(200, &view::protection::branch(&rule))))
    }
}
