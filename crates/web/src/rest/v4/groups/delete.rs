//! `DELETE /groups/:id`.

use serde_json::json;
use tessera_model::Result;
use tessera_model::operation::groups::DeleteGroup;
use tessera_service::Key;
use tessera_service::groups::remove;

use super::group;
use crate::call::{Call, Endpoint};
use crate::conditional;
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for DeleteGroup {
    type Input = Key;

    fn input(p: &mut Reader<'_>) -> Key {
        group(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let since = call.unmodified_since();
        let done = call.write(move |tx, key| {
            let group = tx.group::<Self>(key)?;
            conditional::check(remove::changed_at(tx, &group)?, since)?;
            remove::delete(tx, &group)
        });
        Ok(done.await?.with_status(202, |()| json!({ "message": "202 Accepted" })))
    }
}
