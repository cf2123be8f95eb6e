//! `GET /users/:user_id/projects`.

use tessera_model::Result;
use tessera_model::operation::users::ListUserProjects;
use tessera_service::projects::list::{self, Wanted};
use tessera_service::users::get;

use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::rest::v4::projects::list::{shown, wanted};

pub(crate) struct Input {
    user: String,
    wanted: Wanted,
    simple: bool,
    page: Page,
}

impl Endpoint for ListUserProjects {
    type Input = Input;

    fn input(p: &mut Reader<'_>) -> Input {
        let user = p.string("user_id").required();
        let (mut wanted, simple) = wanted(p);
        wanted.filter.membership = p.boolean("membership").or(false);
        wanted.filter.search_namespaces = p.boolean("search_namespaces").or(false);
        Input { user, wanted, simple, page: Page::read(p) }
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let found = call.read(|tx, input| {
            let user = get::named::<Self>(tx, &input.user)?;
            Ok((input.page, input.simple, list::of_user(tx, &user, &input.wanted, slice(input.page))?))
        });
        let ((page, simple, listed), passed) = found.await?.take();
        Ok(passed.map(|()| listed).page(&call, page, |seen| shown(&links, seen, simple)))
    }
}
