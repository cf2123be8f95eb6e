//! `GET /projects/:id/repository/branches/:branch`.

use tessera_model::Result;
use tessera_model::operation::branches::GetBranch;
use tessera_service::Key;
use tessera_service::repository::{self, get_branch};

use super::project;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for GetBranch {
    type Input = (Key, String);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (project(p), p.string("branch").required())
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let opened = call.read(|tx, (key, branch)| {
            let project = tx.project::<Self>(key)?;
            Ok((repository::open(tx, project)?, branch.clone()))
        });
        let ((place, branch), passed) = opened.await?.take();
        let found = get_branch::get(call.service(), &place, &branch).await?;
        let view = view::branch::branch(&call.links(), &place.project, &found);
        Ok(passed.ok(|()| view))
    }
}
