//! Removes the folder of a project that is gone.

use serde_json::json;
use tessera_git::RepositoryId;
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::jobs::Job;

use crate::{Service, Trouble, Tx};

pub(crate) const KIND: &str = "remove_repository";

/// Asks for the removal of a project's folder.
pub(crate) fn ask(tx: &mut Tx<'_>, project_id: i64) -> Result<()> {
    super::ask(tx, KIND, &json!({ "project_id": project_id }), &format!("{KIND}:{project_id}"))
}

impl Service {
    pub(crate) async fn remove_repository(&self, job: &Job) -> Result<()> {
        let args: serde_json::Value = serde_json::from_str(&job.args).map_err(Error::internal)?;
        let project_id =
            args["project_id"].as_i64().ok_or_else(|| Error::internal("a job without a project"))?;
        let id = u64::try_from(project_id).map_err(Error::internal)?;
        self.git().repository(RepositoryId(id)).remove().await.map_err(Error::internal)?;
        let job = job.id;
        let done = self.store().write(move |conn| query::jobs::done(conn, job).map_err(Trouble::from));
        done.await.map_err(|trouble| trouble.0)
    }
}
