//! `DELETE /projects/:id/repository/merged_branches`.

use serde_json::json;
use tessera_model::Result;
use tessera_model::operation::branches::DeleteMergedBranches;
use tessera_service::Key;
use tessera_service::repository::{self, delete_merged_branches};

use super::project;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for DeleteMergedBranches {
    type Input = Key;

    fn input(p: &mut Reader<'_>) -> Key {
        project(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let opened = call.read(|tx, key| {
            let project = tx.project::<Self>(key)?;
            repository::open(tx, project)
        });
        let (place, passed) = opened.await?.take();
        delete_merged_branches::delete::<Self>(call.service(), call.ask(), &place).await?;
        Ok(passed.with_status(202, |()| json!({ "message": "202 Accepted" })))
    }
}
