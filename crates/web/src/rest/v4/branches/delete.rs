//! `DELETE /projects/:id/repository/branches/:branch`.

use tessera_model::Result;
use tessera_model::operation::branches::DeleteBranch;
use tessera_model::time::Timestamp;
use tessera_service::Key;
use tessera_service::repository::{self, delete_branch, get_branch};

use super::project;
use crate::call::{Call, Endpoint};
use crate::conditional;
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for DeleteBranch {
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
        let changed = Timestamp::from_seconds(found.commit.author.time);
        conditional::check(changed, call.unmodified_since())?;
        delete_branch::delete::<Self>(call.service(), call.ask(), &place, &found).await?;
        Ok(passed.no_content())
    }
}
