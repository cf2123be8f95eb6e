//! `POST /projects/:id/repository/tags`.

use tessera_model::Result;
use tessera_model::operation::tags::CreateTag;
use tessera_service::Key;
use tessera_service::repository::create_tag::{self, Wanted};
use tessera_service::repository::{self};

use super::project;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for CreateTag {
    type Input = (Key, Wanted);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let project = project(p);
        let name = p.string("tag_name").required();
        let revision = p.string("ref").required();
        (project, Wanted { name, revision, message: p.string("message").optional() })
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let opened = call.read(|tx, (key, wanted)| {
            let project = tx.project::<Self>(key)?;
            Ok((repository::open(tx, project)?, repository::author(tx)?, wanted.clone()))
        });
        let ((place, tagger, wanted), passed) = opened.await?.take();
        let made = create_tag::create::<Self>(call.service(), call.ask(), &place, &tagger, &wanted).await?;
        let view = view::tag::tag(&call.links(), &place.project, &made);
        Ok(passed.created(|()| view))
    }
}
