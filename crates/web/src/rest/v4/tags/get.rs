//! `GET /projects/:id/repository/tags/:tag_name`.

use tessera_model::Result;
use tessera_model::operation::tags::GetTag;
use tessera_service::Key;
use tessera_service::repository::{self, get_tag};

use super::project;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for GetTag {
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
        let view = view::tag::tag(&call.links(), &place.project, &found);
        Ok(passed.ok(|()| view))
    }
}
