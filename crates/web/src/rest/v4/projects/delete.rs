//! `DELETE /projects/:id`.

use serde_json::json;
use tessera_model::Result;
use tessera_model::operation::projects::DeleteProject;
use tessera_service::Key;
use tessera_service::projects::remove;

use super::project;
use crate::call::{Call, Endpoint};
use crate::conditional;
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for DeleteProject {
    type Input = Key;

    fn input(p: &mut Reader<'_>) -> Key {
        project(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let since = call.unmodified_since();
        let done = call.write(move |tx, key| {
            let project = tx.project::<Self>(key)?;
            conditional::check(project.updated_at, since)?;
            remove::delete(tx, &project)
        });
        Ok(done.await?.with_status(202, |()| json!({ "message": "202 Accepted" })))
    }
}
