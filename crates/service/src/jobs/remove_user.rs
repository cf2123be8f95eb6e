//! Moves the records of a user who goes, step by step, and removes the user's row last (D8).

use serde_json::json;
use tessera_model::{Error, Result};
use tessera_store::query::jobs::Job;
use tessera_store::{fate, query};

use super::{Run, Step};
use crate::users::ghost::{self, STEP};
use crate::{Service, Tx, fault, projects};

pub(crate) const KIND: &str = "remove_user";

/// Asks for the rest of a user's removal.
pub(crate) fn ask(tx: &mut Tx<'_>, user_id: i64) -> Result<()> {
    super::ask(tx, KIND, &json!({ "user_id": user_id }), &format!("{KIND}:{user_id}"))
}

impl Service {
    pub(crate) async fn remove_user(&self, job: &Job) -> Result<()> {
        let args: serde_json::Value = serde_json::from_str(&job.args).map_err(Error::internal)?;
        let user_id = args["user_id"].as_i64().ok_or_else(|| Error::internal("a job without a user"))?;
        let id = job.id;
        let run = Run { job: Some(id), now: self.now() };
        loop {
            match self.step(run, KIND, move |tx| step(tx, id, user_id)).await? {
                Step::More => tokio::task::yield_now().await,
                Step::Done => return Ok(()),
            }
        }
    }
}

/// One step, whole or not at all: some projects of the user's own, or some records, or the end.
fn step(tx: &mut Tx<'_>, job: i64, user_id: i64) -> Result<Step> {
    let Some(user) = query::users::by_id(tx.conn, user_id).map_err(fault)? else {
        query::jobs::done(tx.conn, job).map_err(fault)?;
        return Ok(Step::Done);
    };
    if let Some(home) = query::namespaces::of_user(tx.conn, user.id).map_err(fault)? {
        if let Some(project) = query::projects::in_namespace(tx.conn, home.id).map_err(fault)?.first() {
            projects::remove::remove(tx, project)?;
            return Ok(Step::More);
        }
        query::namespaces::delete(tx.conn, home.id).map_err(fault)?;
    }
    let ghost = ghost::ghost(tx)?;
    if fate::settle(tx.conn, user.id, ghost.id, STEP).map_err(fault)? == 0 {
        return Ok(Step::More);
    }
    query::users::delete(tx.conn, user.id).map_err(fault)?;
    query::jobs::done(tx.conn, job).map_err(fault)?;
    Ok(Step::Done)
}
