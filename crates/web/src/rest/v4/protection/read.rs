//! `GET /projects/:id/protected_branches`, `GET /projects/:id/protected_tags`, and one rule of either.

use tessera_model::Result;
use tessera_model::operation::protection::{
    GetProtectedBranch, GetProtectedTag, ListProtectedBranches, ListProtectedTags,
};
use tessera_model::protection::RefKind;
use tessera_service::{Key, protection};

use super::{project, rule};
use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

/// Which project's rules, narrowed by what text, which page of them.
type Wanted = (Key, Option<String>, Page);

fn wanted(p: &mut Reader<'_>) -> Wanted {
    (project(p), p.string("search").optional(), Page::read(p))
}

async fn list<Op: Endpoint<Input = Wanted>>(call: Call<Op>, kind: RefKind) -> Result<Reply> {
    let found = call.read(move |tx, (key, search, page)| {
        let project = tx.project::<Op>(key)?;
        let listed = protection::list(tx, &project, kind, search.as_deref(), slice(*page))?;
        Ok((*page, listed))
    });
    let passed = found.await?;
    let page = passed.0;
    let listed = passed.map(|(_, listed)| listed);
    Ok(listed.page(&call, page, |rule| serde_json::json!(view::protection::rule(rule))))
}

async fn get<Op: Endpoint<Input = (Key, String)>>(call: Call<Op>, kind: RefKind) -> Result<Reply> {
    let found = call.read(move |tx, (key, name)| {
        let project = tx.project::<Op>(key)?;
        protection::get(tx, &project, kind, name)
    });
    Ok(found.await?.raw(|rule| Reply::json(200, &view::protection::rule(&rule))))
}

impl Endpoint for ListProtectedBranches {
    type Input = Wanted;

    fn input(p: &mut Reader<'_>) -> Wanted {
        wanted(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        list(call, RefKind::Branch).await
    }
}

impl Endpoint for ListProtectedTags {
    type Input = Wanted;

    fn input(p: &mut Reader<'_>) -> Wanted {
        wanted(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        list(call, RefKind::Tag).await
    }
}

impl Endpoint for GetProtectedBranch {
    type Input = (Key, String);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        rule(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        get(call, RefKind::Branch).await
    }
}

impl Endpoint for GetProtectedTag {
    type Input = (Key, String);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        rule(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        get(call, RefKind::Tag).await
    }
}
