//! `GET /namespaces` and `GET /namespaces/:id`.

use tessera_model::Result;
use tessera_model::operation::groups::{GetNamespace, ListNamespaces};
use tessera_service::Key;
use tessera_service::groups::namespaces::{self, Wanted};

use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for ListNamespaces {
    type Input = (Wanted, Page);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let wanted = Wanted {
            search: p.string("search").optional(),
            owned_only: p.boolean("owned_only").or(false),
            top_level_only: p.boolean("top_level_only").or(false),
        };
        (wanted, Page::read(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let found = call.read(|tx, (wanted, page)| {
            let right = tx.instance::<Self>()?;
            Ok((*page, namespaces::list(tx, &right, wanted, slice(*page))?))
        });
        let ((page, listed), passed) = found.await?.take();
        Ok(passed
            .map(|()| listed)
            .page(&call, page, |namespace| view::project::namespace_of(&links, namespace)))
    }
}

impl Endpoint for GetNamespace {
    type Input = Key;

    fn input(p: &mut Reader<'_>) -> Key {
        Key::parse(&p.string("id").required())
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let found = call.read(|tx, key| {
            let right = tx.instance::<Self>()?;
            namespaces::get(tx, &right, key)
        });
        Ok(found.await?.ok(|namespace| view::project::namespace_of(&links, &namespace)))
    }
}
