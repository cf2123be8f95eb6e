//! `GET /projects/:id/issues/:issue_iid`.

use tessera_model::Result;
use tessera_model::operation::issues::GetIssue;
use tessera_service::{Key, issues};

use super::place;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for GetIssue {
    type Input = (Key, i64);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        place(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let found = call.read(|tx, (key, iid)| {
            let project = tx.project::<Self>(key)?;
            issues::get::get(tx, &project, *iid)
        });
        Ok(found.await?.ok(|issue| view::issue::issue(&links, &issue)))
    }
}
