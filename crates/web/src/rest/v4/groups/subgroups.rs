//! `GET /groups/:id/subgroups` and `GET /groups/:id/descendant_groups`.

use tessera_model::Result;
use tessera_model::operation::groups::{ListDescendantGroups, ListSubgroups};
use tessera_service::Key;
use tessera_service::groups::list::{self, Wanted};

use super::group;
use super::list::wanted;
use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for ListSubgroups {
    type Input = (Key, Wanted, Page);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (group(p), wanted(p), Page::read(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let found = call.read(|tx, (key, wanted, page)| {
            let group = tx.group::<Self>(key)?;
            Ok((*page, list::in_group(tx, &group, wanted, slice(*page))?))
        });
        let ((page, listed), passed) = found.await?.take();
        Ok(passed.map(|()| listed).page(&call, page, |group| view::group::group(&links, group)))
    }
}

impl Endpoint for ListDescendantGroups {
    type Input = (Key, Wanted, Page);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (group(p), wanted(p), Page::read(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let found = call.read(|tx, (key, wanted, page)| {
            let group = tx.group::<Self>(key)?;
            Ok((*page, list::below_group(tx, &group, wanted, slice(*page))?))
        });
        let ((page, listed), passed) = found.await?.take();
        Ok(passed.map(|()| listed).page(&call, page, |group| view::group::group(&links, group)))
    }
}
