//! `GET /projects/:id/repository/tags`.

use tessera_model::Result;
use tessera_model::operation::tags::ListTags;
use tessera_service::Key;
use tessera_service::repository::list_tags::{self, By};
use tessera_service::repository::{self};

use super::project;
use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

/// What is asked for.
#[derive(Clone)]
pub(crate) struct Wanted {
    project: Key,
    search: Option<String>,
    by: By,
    descending: bool,
    page: Page,
}

impl Endpoint for ListTags {
    type Input = Wanted;

    fn input(p: &mut Reader<'_>) -> Wanted {
        let project = project(p);
        let descending =
            p.string("sort").among(&["asc", "desc"]).optional().is_none_or(|sort| sort == "desc");
        let by = match p.string("order_by").among(&["name", "updated", "version"]).optional().as_deref() {
            Some("name") => By::Name,
            Some("version") => By::Version,
            _ => By::Updated,
        };
        let search = p.string("search").optional();
        Wanted { project, search, by, descending, page: Page::read(p) }
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let opened = call.read(|tx, wanted| {
            let project = tx.project::<Self>(&wanted.project)?;
            Ok((repository::open(tx, project)?, wanted.clone()))
        });
        let ((place, wanted), passed) = opened.await?.take();
        let Wanted { search, by, descending, page, .. } = wanted;
        let order = (by, descending);
        let found = list_tags::list(call.service(), &place, search.as_deref(), order, slice(page)).await?;
        let links = call.links();
        let view = |tag: &_| serde_json::json!(view::tag::tag(&links, &place.project, tag));
        Ok(passed.map(|()| found).page(&call, page, view))
    }
}
