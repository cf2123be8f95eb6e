//! `GET /projects/:id`.

use tessera_model::Result;
use tessera_model::operation::projects::GetProject;
use tessera_service::{Key, projects};

use super::project;

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for GetProject {
    type Input = Key;

    fn input(p: &mut Reader<'_>) -> Key {
        project(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let found = call.read(|tx, key| {
            let project = tx.project::<Self>(key)?;
            projects::get::get(tx, project)
        });
        Ok(found.await?.ok(|seen| view::project::full(&links, &seen.project, seen.membership)))
    }
}
