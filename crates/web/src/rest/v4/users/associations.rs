//! `GET /users/:id/associations_count`.

use serde_json::json;
use tessera_model::Result;
use tessera_model::operation::users::GetUserAssociationsCount;
use tessera_service::users::belongings;

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::rest::v4::users::id;

impl Endpoint for GetUserAssociationsCount {
    type Input = i64;

    fn input(p: &mut Reader<'_>) -> i64 {
        id(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let counted = call.read(|tx, id| {
            let user = tx.user::<Self>(*id)?;
            belongings::count(tx, &user)
        });
        Ok(counted.await?.ok(|has| {
            json!({
                "groups_count": has.groups, "projects_count": has.projects, "issues_count": has.issues,
                "merge_requests_count": 0,
            })
        }))
    }
}
