//! Makes a repository's `HEAD` name the project's default branch, which clones check out.

use serde_json::json;
use tessera_git::{GitError, RepositoryId};
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::jobs::Job;

use super::project_of;
use crate::{Service, Trouble, Tx, failpoint};

pub(crate) const KIND: &str = "point_head";

/// Asks for it. Every change asks for itself: one that came while an earlier one is served must not be
/// taken for that one.
pub(crate) fn ask(tx: &mut Tx<'_>, project_id: i64) -> Result<()> {
    let key = format!("{KIND}:{project_id}:{}", tx.now.0);
    super::ask(tx, KIND, &json!({ "project_id": project_id }), &key)
}

impl Service {
    /// Makes the repository of a project follow its default branch now; the job that was asked for with
    /// the change does it again, should this fail.
    pub async fn follow_default_branch(&self, project_id: i64) {
        failpoint::reach(KIND);
        if let Err(error) = self.follow(project_id).await {
            tracing::warn!(project_id, %error, "HEAD could not be changed at once");
        }
    }

    pub(crate) async fn point_head(&self, job: &Job) -> Result<()> {
        self.follow(project_of(job)?).await?;
        self.finish(job, KIND).await
    }

    async fn follow(&self, project_id: i64) -> Result<()> {
        let repository =
            self.git().repository(RepositoryId(u64::try_from(project_id).map_err(Error::internal)?));
        let mut wanted = self.default_branch_of(project_id).await?;
        while let Some(branch) = wanted {
            match repository.set_head(&branch).await {
                Ok(()) => {}
                // Without a folder there is no HEAD; it is made with the right one.
                Err(GitError::NotFound) => return Ok(()),
                Err(error) => return Err(Error::internal(error)),
            }
            // Changed again meanwhile: the last word is the row's.
            wanted = self.default_branch_of(project_id).await?.filter(|now| *now != branch);
        }
        Ok(())
    }

    async fn default_branch_of(&self, project_id: i64) -> Result<Option<String>> {
        let found = self.store().read(move |conn| {
            let project = query::projects::by_id(conn, project_id)?;
            Ok::<_, Trouble>(project.map(|project| project.default_branch))
        });
        found.await.map_err(|trouble| trouble.0)
    }
}
