//! `GET /projects/:id/protected_tags` and `GET /projects/:id/protected_tags/:name`.

use tessera_model::Result;
use tessera_model::operation::protection::{GetProtectedTag, ListProtectedTags};
use tessera_model::protection::RefKind;
use tessera_service::{Key, protection};

use super::{project, rule};
use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for ListProtectedTags {
    type Input = (Key, Option<String>, Page);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (project(p), p.string("search").optional(), Page::read(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (key, search, page)| {
            let project = tx.project::<Self>(key)?;
            let listed = protection::list(tx, &project, RefKind::Tag, search.as_deref(), slice(*page))?;
            Ok((*page, listed))
        });
        let passed = found.await?;
        let page = passed.0;
        let listed = passed.map(|(_, listed)| listed);
        Ok(listed.page(&call, page, |rule| serde_json::json!(view::protection::tag(rule))))
    }
}

impl Endpoint for GetProtectedTag {
    type Input = (Key, String);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        rule(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (key, name)| {
            let project = tx.project::<Self>(key)?;
            protection::get(tx, &project, RefKind::Tag, name)
        });
        Ok(found.await?.raw(|rule| Reply::json(200, &view::protection::tag(&rule))))
    }
}
