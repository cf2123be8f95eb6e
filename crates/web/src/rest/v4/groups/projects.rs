//! `GET /groups/:id/projects`.

use tessera_model::Result;
use tessera_model::operation::groups::ListGroupProjects;
use tessera_service::Key;
use tessera_service::projects::list::{self, Wanted};

use super::group;
use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::rest::v4::projects::list::{shown, wanted};

pub(crate) struct Input {
    group: Key,
    wanted: Wanted,
    simple: bool,
    subgroups: bool,
    page: Page,
}

impl Endpoint for ListGroupProjects {
    type Input = Input;

    fn input(p: &mut Reader<'_>) -> Input {
        let group = group(p);
        let (wanted, simple) = wanted(p);
        let subgroups = p.boolean("include_subgroups").or(false);
        Input { group, wanted, simple, subgroups, page: Page::read(p) }
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let found = call.read(|tx, input| {
            let group = tx.group::<Self>(&input.group)?;
            let listed = list::of_group(tx, &group, input.subgroups, &input.wanted, slice(input.page))?;
            Ok((input.page, input.simple, listed))
        });
        let ((page, simple, listed), passed) = found.await?.take();
        Ok(passed.map(|()| listed).page(&call, page, |seen| shown(&links, seen, simple)))
    }
}
