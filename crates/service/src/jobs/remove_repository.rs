//! Removes the folder of a project that is gone.

use serde_json::json;
use tessera_git::RepositoryId;
use tessera_model::{Error, Result};
use tessera_store::query::jobs::Job;

use super::project_of;
use crate::{Service, Tx};

pub(crate) const KIND: &str = "remove_repository";

/// Asks for the removal of a project's folder.
pub(crate) fn ask(tx: &mut Tx<'_>, project_id: i64) -> Result<()> {
    super::ask(tx, KIND, &json!({ "project_id": project_id }), &format!("{KIND}:{project_id}"))
}

impl Service {
    pub(crate) async fn remove_repository(&self, job: &Job) -> Result<()> {
        let id = u64::try_from(project_of(job)?).map_err(Error::internal)?;
        self.git().repository(RepositoryId(id)).remove().await.map_err(Error::internal)?;
        self.finish(job, KIND).await
    }
}
