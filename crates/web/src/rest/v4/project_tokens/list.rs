//! `GET /projects/:id/access_tokens`.

use tessera_model::Result;
use tessera_model::operation::project_tokens::ListProjectTokens;
use tessera_model::time::{Date, Timestamp};
use tessera_service::Key;
use tessera_service::tokens::list::{self, TokenFilter};

use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::rest::v4::project_tokens::project;
use crate::view;

/// What the query asks of a list of tokens, whoever's they are.
pub(in crate::rest::v4) fn filter(p: &mut Reader<'_>) -> (TokenFilter, String) {
    let state = p.string("state").among(&["active", "inactive"]).optional();
    let revoked = p.boolean("revoked").optional();
    let narrowed = narrowed(p);
    let sort = p.string("sort").or(String::new());
    (TokenFilter { active: state.map(|state| state == "active"), revoked, ..narrowed }, sort)
}

/// The part of it that has nothing to do with the state.
pub(in crate::rest::v4) fn narrowed(p: &mut Reader<'_>) -> TokenFilter {
    let mut time = |name: &str| p.datetime(name).optional().map(Timestamp);
    let created = (time("created_after"), time("created_before"));
    let last_used = (time("last_used_after"), time("last_used_before"));
    let expires = (
        p.date("expires_after").optional().map(Date::from),
        p.date("expires_before").optional().map(Date::from),
    );
    let search = p.string("search").optional();
    TokenFilter { created, last_used, expires, search, ..TokenFilter::default() }
}

impl Endpoint for ListProjectTokens {
    type Input = (Key, TokenFilter, String, Page);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let key = project(p);
        let (filter, sort) = filter(p);
        (key, filter, sort, Page::read(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (key, filter, sort, page)| {
            let project = tx.project(key)?;
            Ok((*page, list::of_project(tx, &project, filter, sort, slice(*page))?))
        });
        let passed = found.await?;
        let page = passed.0;
        Ok(passed
            .map(|(_, listed)| listed)
            .page(&call, page, |shown| serde_json::json!(view::token::shown(shown))))
    }
}
