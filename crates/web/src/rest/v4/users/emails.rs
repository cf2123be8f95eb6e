//! `GET /user/emails` and `GET /users/:id/emails`: addresses beside the primary one, of which accounts have
//! none.

use serde_json::Value;
use tessera_model::Result;
use tessera_model::operation::users::{ListCurrentUserEmails, ListUserEmails};
use tessera_service::Listed;
use tessera_service::users::get;

use crate::call::{Call, Endpoint};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::rest::v4::users::id;

fn none() -> Listed<Value> {
    Listed { items: Vec::new(), total: Some(0) }
}

impl Endpoint for ListCurrentUserEmails {
    type Input = Page;

    fn input(p: &mut Reader<'_>) -> Page {
        Page::read(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let passed = call.read(|tx, page| get::current(tx).map(|_| *page)).await?;
        let page = *passed;
        Ok(passed.map(|_| none()).page(&call, page, Value::clone))
    }
}

impl Endpoint for ListUserEmails {
    type Input = (i64, Page);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (id(p), Page::read(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let passed = call.read(|tx, (id, page)| tx.user::<Self>(*id).map(|_| *page)).await?;
        let page = *passed;
        Ok(passed.map(|_| none()).page(&call, page, Value::clone))
    }
}
