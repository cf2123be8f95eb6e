//! `GET /users/:user_id/impersonation_tokens`.

use tessera_model::Result;
use tessera_model::operation::personal_tokens::ListImpersonationTokens;
use tessera_service::tokens::list::{self, TokenFilter};

use super::user_id;
use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for ListImpersonationTokens {
    type Input = (i64, TokenFilter, Page);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let user = user_id(p);
        let state = p.string("state").among(&["all", "active", "inactive"]).or("all".to_owned());
        let active = (state != "all").then_some(state == "active");
        (user, TokenFilter { active, ..TokenFilter::default() }, Page::read(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (user, filter, page)| {
            let user = tx.user(*user)?;
            Ok((*page, list::impersonation(tx, &user, filter, slice(*page))?))
        });
        let passed = found.await?;
        let page = passed.0;
        Ok(passed
            .map(|(_, listed)| listed)
            .page(&call, page, |shown| serde_json::json!(view::token::shown(shown))))
    }
}
