//! `GET /projects/:id/repository/branches`.

use tessera_model::Result;
use tessera_model::operation::branches::ListBranches;
use tessera_service::Key;
use tessera_service::repository::list_branches::{self, Order};
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
    order: Order,
    page: Page,
}

impl Endpoint for ListBranches {
    type Input = Wanted;

    fn input(p: &mut Reader<'_>) -> Wanted {
        let project = project(p);
        let search = p.string("search").optional();
        if p.string("regex").optional().is_some() {
            p.refuse("regex", "is not supported");
        }
        let sort = p.string("sort").among(&["name_asc", "updated_asc", "updated_desc"]).optional();
        let order = match sort.as_deref() {
            Some("updated_asc") => Order::Oldest,
            Some("updated_desc") => Order::Newest,
            _ => Order::Name,
        };
        Wanted { project, search, order, page: Page::read(p) }
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let opened = call.read(|tx, wanted| {
            let project = tx.project::<Self>(&wanted.project)?;
            Ok((repository::open(tx, project)?, wanted.clone()))
        });
        let ((place, wanted), passed) = opened.await?.take();
        let Wanted { search, order, page, .. } = wanted;
        let found =
            list_branches::list(call.service(), &place, search.as_deref(), order, slice(page)).await?;
        let links = call.links();
        let view = |branch: &_| serde_json::json!(view::branch::branch(&links, &place.project, branch));
        Ok(passed.map(|()| found).page(&call, page, view))
    }
}
