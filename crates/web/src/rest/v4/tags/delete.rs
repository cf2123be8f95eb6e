//! `DELETE /projects/:id/repository/tags/:tag_name`.

use tessera_model::Result;
use tessera_model::operation::tags::DeleteTag;
use tessera_model::time::Timestamp;
use tessera_service::Key;
use tessera_service::repository::{self, delete_tag, get_tag};

use super::project;
use crate::call::{Call, Endpoint};
use crate::conditional;
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for DeleteTag {
    type Input = (Key, String);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (project(p), p.string("tag_name").required())
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let opened = call.read(|tx, (key, tag)| {
            let project = tx.project::<Self>(key)?;
            Ok((repository::open(tx, project)?, tag.clone()))
        });
        let ((place, tag), passed) = opened.await?.take();
        let found = get_tag::get(call.service(), &place, &tag).await?;
        if let Some(commit) = &found.commit {
            conditional::check(Timestamp::from_seconds(commit.author.time), call.unmodified_since())?;
        }
        delete_tag::delete::<Self>(call.service(), call.ask(), &place, &found).await?;
        Ok(passed.no_content())
    }
}
