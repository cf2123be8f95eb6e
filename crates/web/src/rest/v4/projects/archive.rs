//! `POST /projects/:id/archive` and `POST /projects/:id/unarchive`.

use tessera_model::Result;
use tessera_model::operation::projects::{ArchiveProject, UnarchiveProject};
use tessera_service::Key;
use tessera_service::projects::{archive, get};

use super::project;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

async fn set<Op: Endpoint<Input = Key>>(call: Call<Op>, archived: bool) -> Result<Reply> {
    let links = call.links();
    let done = call.write(move |tx, key| {
        let project = tx.project::<Op>(key)?;
        let project = archive::set(tx, &project, archived)?;
        get::seen(tx, project)
    });
    Ok(done.await?.created(|seen| view::project::full(&links, &seen.project, seen.membership)))
}

impl Endpoint for ArchiveProject {
    type Input = Key;

    fn input(p: &mut Reader<'_>) -> Key {
        project(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        set(call, true).await
    }
}

impl Endpoint for UnarchiveProject {
    type Input = Key;

    fn input(p: &mut Reader<'_>) -> Key {
        project(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        set(call, false).await
    }
}
