//! Joins the packs that pushes and commits leave, so that reading stays quick.

use serde_json::json;
use tessera_git::{Repository, RepositoryId};
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::jobs::Job;

use super::project_of;
use crate::git_access::git_fault;
use crate::{Service, Trouble, failpoint};

pub(crate) const KIND: &str = "maintain_repository";

impl Service {
    /// Asks for the care of a repository in which enough packs have gathered. It is no part of the push
    /// that made the last of them: what fails here is found again at the next one.
    pub(crate) async fn ask_for_maintenance(&self, project_id: i64, repository: &Repository) {
        if !matches!(repository.needs_maintenance().await, Ok(true)) {
            return;
        }
        let core = self.core().clone();
        let asked = self.store().write(move |conn| {
            let (args, key) =
                (json!({ "project_id": project_id }).to_string(), format!("{KIND}:{project_id}"));
            let now = core.clock.now();
            query::jobs::add(conn, KIND, &args, Some(&key), now, now).map_err(Trouble::from)
        });
        match asked.await {
            Ok(()) => self.job_bell().notify_one(),
            Err(trouble) => {
                tracing::warn!(project_id, error = %trouble.0, "the care of a repository could not be asked for");
            }
        }
    }

    pub(crate) async fn maintain_repository(&self, job: &Job) -> Result<()> {
        let id = u64::try_from(project_of(job)?).map_err(Error::internal)?;
        let repository = self.git().repository(RepositoryId(id));
        if repository.needs_maintenance().await.map_err(git_fault)? {
            repository.maintain(|| failpoint::reach(KIND)).await.map_err(git_fault)?;
        }
        self.finish(job, KIND).await
    }
}
