//! `GET /admin/tokens`.

use tessera_model::Result;
use tessera_model::operation::inventory::ListAllTokens;
use tessera_service::tokens::inventory::{self, Wanted};

use super::wanted;
use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for ListAllTokens {
    type Input = (Wanted, String, Page);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (wanted(p), p.string("sort").or(String::new()), Page::read(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (wanted, sort, page)| {
            let right = tx.instance::<Self>()?;
            Ok((*page, inventory::list(tx, &right, wanted, sort, slice(*page))?))
        });
        let passed = found.await?;
        let page = passed.0;
        Ok(passed
            .map(|(_, listed)| listed)
            .page(&call, page, |item| serde_json::json!(view::inventory::item(item))))
    }
}
