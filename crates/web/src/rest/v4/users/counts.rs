//! `GET /user_counts`.

use serde_json::json;
use tessera_model::Result;
use tessera_model::operation::users::GetUserCounts;
use tessera_service::users::belongings;

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for GetUserCounts {
    type Input = ();

    fn input(_: &mut Reader<'_>) {}

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let passed = call.read(|tx, ()| belongings::waiting(tx)).await?;
        Ok(passed.ok(|issues| {
            json!({
                "merge_requests": 0, "assigned_issues": issues, "assigned_merge_requests": 0,
                "review_requested_merge_requests": 0, "todos": 0,
            })
        }))
    }
}
