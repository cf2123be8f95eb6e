//! `DELETE /projects/:id/issues/:issue_iid`.

use tessera_model::Result;
use tessera_model::operation::issues::DeleteIssue;
use tessera_service::{Key, issues};

use super::place;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for DeleteIssue {
    type Input = (Key, i64);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        place(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let done = call.write(|tx, (key, iid)| {
            let project = tx.project::<Self>(key)?;
            issues::remove::remove(tx, &project, *iid)
        });
        Ok(done.await?.no_content())
    }
}
