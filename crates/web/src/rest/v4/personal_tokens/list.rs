//! `GET /personal_access_tokens`.

use tessera_model::Result;
use tessera_model::operation::personal_tokens::ListTokens;
use tessera_service::tokens::list::{self, TokenFilter, Whose};

use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::{Change, Reader};
use crate::reply::Reply;
use crate::rest::v4::project_tokens;
use crate::view;

impl Endpoint for ListTokens {
    type Input = (Whose, TokenFilter, String, Page);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let whose = match p.integer("user_id").update() {
            Change::Keep => Whose::Unsaid,
            Change::Clear => Whose::Nobody,
            Change::Set(id) => Whose::User(id),
        };
        let (filter, sort) = project_tokens::filter(p);
        (whose, filter, sort, Page::read(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (whose, filter, sort, page)| {
            let right = tx.instance::<Self>()?;
            Ok((*page, list::visible(tx, &right, *whose, filter, sort, slice(*page))?))
        });
        let passed = found.await?;
        let page = passed.0;
        Ok(passed
            .map(|(_, listed)| listed)
            .page(&call, page, |shown| serde_json::json!(view::token::shown(shown))))
    }
}
