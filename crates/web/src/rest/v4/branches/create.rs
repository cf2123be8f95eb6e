//! `POST /projects/:id/repository/branches`.

use tessera_model::Result;
use tessera_model::operation::branches::CreateBranch;
use tessera_service::Key;
use tessera_service::repository::{self, create_branch};

use super::project;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for CreateBranch {
    type Input = (Key, String, String);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let project = project(p);
        (project, p.string("branch").not_blank().required(), p.string("ref").not_blank().required())
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let opened = call.read(|tx, (key, branch, revision)| {
            let project = tx.project::<Self>(key)?;
            Ok((repository::open(tx, project)?, branch.clone(), revision.clone()))
        });
        let ((place, branch, revision), passed) = opened.await?.take();
        let made = create_branch::create::<Self>(call.service(), call.ask(), &place, &branch, &revision);
        let made = made.await?;
        let view = view::branch::branch(&call.links(), &place.project, &made);
        Ok(passed.created(|()| view))
    }
}
